import type { Document } from "bson";
import { toMs } from "../../compiler/kinds.ts";
import type { OutputJsonOptions } from "./formats/output-json.ts";

/** A sink of a cloud's own, whose output the engine captures as files. */
export type CapturePlan = BucketPlan | KinesisPlan | PubSubPlan;

interface CaptureBase {
  readonly kind: "capture";
  readonly connectionName: string;
}

export type Compression = "none" | "gzip" | "snappy";

/** An `$emit` to S3 or Azure Blob Storage. */
export interface BucketPlan extends CaptureBase {
  readonly target: "s3" | "azureBlob";
  /** A name, or an expression that gives one; a container is always a name. */
  readonly bucket: unknown;
  /** A prefix, or an expression that gives one. */
  readonly path: unknown;
  /** One writer does the work of all threads; a document that this expression fails for is refused all the same. */
  readonly partitionBy: unknown;
  readonly json: OutputJsonOptions;
  readonly delimiter: string;
  readonly compression: Compression;
  readonly compressionLevel: number;
  readonly writeOptions: WriteOptions;
}

/** A file is written at whatever is reached first. */
export interface WriteOptions {
  /** Absent: any number of documents. */
  readonly count: number | undefined;
  /** Of the documents as BSON. */
  readonly bytes: number;
  readonly intervalMs: number;
}

export interface KinesisPlan extends CaptureBase {
  readonly target: "kinesis";
  readonly stream: string;
  /** A text, or an expression that gives one. */
  readonly partitionKey: unknown;
  readonly json: OutputJsonOptions;
}

export interface PubSubPlan extends CaptureBase {
  readonly target: "pubSub";
  readonly projectId: string;
  /** A name, or an expression that gives one. */
  readonly topic: unknown;
  /** A text, or an expression that gives one; absent for none. */
  readonly orderingKey: unknown;
  /** Names to texts or field paths. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly json: OutputJsonOptions;
}

/** Source: asp-language section 1.7. */
const defaults = { bytes: 32 * 1024 * 1024, intervalMs: 60_000, compressionLevel: 6 };

/** Takes an `$emit` to a cloud's own target apart; `undefined` for any other. */
export function planCapture(connectionName: string, args: Document): CapturePlan | undefined {
  const base = { kind: "capture", connectionName } as const;
  const config = (args["config"] ?? {}) as Document;
  const json: OutputJsonOptions = {
    format: config["outputFormat"] ?? "relaxedJson",
    dateFormat: config["dateFormat"] ?? "default",
  };
  if ("projectId" in args) {
    const { projectId, topic, orderingKey, attributes = {} } = args;
    return { ...base, target: "pubSub", projectId, topic, orderingKey, attributes, json };
  }
  if ("topic" in args) return undefined;
  if ("stream" in args) {
    return { ...base, target: "kinesis", stream: args["stream"], partitionKey: args["partitionKey"], json };
  }
  if (!("bucket" in args || "container" in args)) return undefined;
  const writeOptions = (config["writeOptions"] ?? {}) as Document;
  const { interval } = writeOptions;
  return {
    ...base,
    target: "bucket" in args ? "s3" : "azureBlob",
    bucket: args["bucket"] ?? args["container"],
    path: args["path"],
    partitionBy: args["partitionBy"],
    json,
    delimiter: config["delimiter"] ?? "\n",
    compression: config["compression"] ?? "none",
    compressionLevel: Number(config["compressionLevel"] ?? defaults.compressionLevel),
    writeOptions: {
      count: writeOptions["count"] === undefined ? undefined : Number(writeOptions["count"]),
      bytes: Number(writeOptions["bytes"] ?? defaults.bytes),
      intervalMs: interval === undefined ? defaults.intervalMs : (toMs(interval) ?? defaults.intervalMs),
    },
  };
}
