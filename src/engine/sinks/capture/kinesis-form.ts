import { toCaptureFolder } from "../../core/capture-path.ts";
import { computedOptions, textReader } from "../../core/computed-text.ts";
import { toOutputJson } from "../../core/formats/output-json.ts";
import type { KinesisPlan } from "../../core/plan-capture.ts";
import { lines, type CaptureExpressions, type CaptureForm } from "./capture-form.ts";

/** Of the data and the partition key together. Source: asp-language section 1.7, and the quotas of Kinesis Data Streams. */
const recordBytesMax = 1024 * 1024;
const partitionKeyCharactersMax = 256;

export function kinesisExpressions({ partitionKey }: KinesisPlan): CaptureExpressions {
  return computedOptions({ partitionKey });
}

/** Records of a data stream: `{partitionKey, data}`. */
export function createKinesisForm(plan: KinesisPlan): CaptureForm {
  const readKey = textReader("$emit", "partitionKey", plan.partitionKey);
  const place = toCaptureFolder(plan.stream);
  return {
    resolve: ({ document, values }) => {
      const key = readKey(values);
      if ("reason" in key) return key;
      if (key.text.length > partitionKeyCharactersMax) return { reason: keyTooLong(key.text.length) };
      if ("reason" in place) return place;
      return { folder: place.folder, document, key: key.text };
    },
    encode: ({ document, key = "" }) => {
      const data = toOutputJson(document, plan.json);
      const bytes = Buffer.byteLength(data) + Buffer.byteLength(key);
      if (bytes > recordBytesMax) return { reason: tooLarge(bytes) };
      return `{"partitionKey":${JSON.stringify(key)},"data":${data}}`;
    },
    format: lines,
    writeOptions: undefined,
  };
}

function keyTooLong(characters: number): string {
  return `$emit.partitionKey may have ${partitionKeyCharactersMax} characters, found ${characters}`;
}

function tooLarge(bytes: number): string {
  return `a record of Kinesis may have ${recordBytesMax} bytes with its partition key, found ${bytes}`;
}
