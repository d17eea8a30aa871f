import { Type } from "@sinclair/typebox";
import { dateFormat, outputFormat } from "./emit-fields.ts";
import {
  computedText,
  connection,
  duration,
  expression,
  fields,
  literal,
  parallelism,
  text,
  whole,
  word,
} from "./values.ts";

const weekMs = 7 * 24 * 60 * 60 * 1000;

const config = () =>
  Type.Optional(
    fields(
      {
        writeOptions: Type.Optional(
          fields(
            {
              count: Type.Optional(whole("Documents in a file.", 1)),
              bytes: Type.Optional(whole("Bytes of input in a file; default 32 MB.", 1)),
              interval: Type.Optional(
                duration("How long a file is collected; default 1 minute, at most 7 days.", weekMs),
              ),
            },
            { description: "When a file is written: at whatever is reached first." },
          ),
        ),
        delimiter: Type.Optional(text("What stands between documents; default a line end.")),
        outputFormat: outputFormat(),
        dateFormat: dateFormat(),
        compression: Type.Optional(word(["none", "gzip", "snappy"], "Default none.")),
        compressionLevel: Type.Optional(whole("With gzip: 1 to 9; default 6.", 1, 9)),
      },
      { description: "How files are written." },
    ),
  );

const threads = {
  partitionBy: Type.Optional(expression("Documents with the same value are written by the same thread.")),
};

/** Names that circulate. Source: asp-language section 9.3. */
const mistaken = { prefix: "write `path`", format: "write `config.outputFormat`" };

/** The fields of `$emit` to S3. Source: asp-language section 1.7. */
export const emitS3Args = fields(
  {
    connectionName: connection(["S3"], "An S3 connection."),
    bucket: computedText("Bucket, or an expression that gives it."),
    region: Type.Optional(literal("AWS region; default: that of the workspace, or the nearest.")),
    path: computedText("Prefix of keys, or an expression that gives it."),
    parallelism: Type.Optional(parallelism("Writers at work at the same time; default 1.")),
    ...threads,
    config: config(),
  },
  { mistaken },
);

/** The fields of `$emit` to Azure Blob Storage. Source: asp-language section 1.7. */
export const emitBlobArgs = fields(
  {
    connectionName: connection(["AzureBlobStorage"], "An AzureBlobStorage connection."),
    container: text("Container."),
    path: computedText("Prefix of names, or an expression that gives it."),
    parallelism: Type.Optional(parallelism("Writers at work at the same time; default 1.", 16)),
    ...threads,
    config: config(),
  },
  { mistaken },
);
