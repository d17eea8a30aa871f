import type { Document } from "bson";
import { planIceberg, type IcebergPlan } from "./iceberg/plan-iceberg.ts";
import { planCapture, type CapturePlan } from "./plan-capture.ts";
import { isOperatorName, type OperatorName } from "./plan-steps.ts";

export type SinkPlan =
  | MergePlan
  | KafkaSinkPlan
  | TimeSeriesPlan
  | CapturePlan
  | IcebergPlan
  | OperatorSinkPlan
  | NoSinkPlan;

export type MergeMode = "replace" | "keepExisting" | "merge" | "delete";

export interface MergePlan {
  readonly kind: "merge";
  readonly connectionName: string;
  readonly db: unknown;
  readonly coll: unknown;
  readonly on: readonly string[];
  readonly let: Document | undefined;
  /** A mode, a pipeline, or an expression that gives a mode. */
  readonly whenMatched: unknown;
  readonly whenNotMatched: unknown;
}

/** An `$emit` to a topic of Kafka. */
export interface KafkaSinkPlan {
  readonly kind: "kafka";
  readonly connectionName: string;
  /** A name, or an expression that gives one. */
  readonly topic: unknown;
  readonly schemaRegistry: Document | undefined;
  readonly config: Document;
}

/** An `$emit` to a time series collection. */
export interface TimeSeriesPlan {
  readonly kind: "timeSeries";
  readonly connectionName: string;
  readonly db: unknown;
  readonly coll: unknown;
  readonly timeseries: Document | undefined;
}

/** A stage that sends each document somewhere, as the last one. */
export interface OperatorSinkPlan {
  readonly kind: "operator";
  readonly operator: OperatorName;
  readonly connectionName: string;
  readonly args: Document;
}

/** Where a pipeline has no sink: what comes out is only looked at. */
export interface NoSinkPlan {
  readonly kind: "none";
}

const sinkNames: ReadonlySet<string> = new Set(["$merge", "$emit", "$iceberg", "$https", "$externalFunction"]);

/** True for a stage that takes a pipeline's documents somewhere, as its last one. */
export function isSink(stage: Document): boolean {
  const [name = ""] = Object.keys(stage);
  return sinkNames.has(name);
}

/** Takes the last stage of a processor apart. */
export function planSink(stage: Document): SinkPlan {
  const [name = ""] = Object.keys(stage);
  const args = (stage[name] ?? {}) as Document;
  const connectionName = String(args["connectionName"]);
  if (isOperatorName(name)) return { kind: "operator", operator: name, connectionName, args };
  if (name === "$iceberg") return planIceberg(connectionName, args);
  return name === "$emit" ? planEmit(connectionName, args) : planMerge(args);
}

function planEmit(connectionName: string, args: Document): SinkPlan {
  const captured = planCapture(connectionName, args);
  if (captured !== undefined) return captured;
  if ("topic" in args) {
    const { topic, schemaRegistry } = args;
    return { kind: "kafka", connectionName, topic, schemaRegistry, config: (args["config"] ?? {}) as Document };
  }
  return { kind: "timeSeries", connectionName, db: args["db"], coll: args["coll"], timeseries: timeSeriesOf(args) };
}

/** How long a bucket spans is how the server stores documents and changes none, and older servers do not know the options. */
function timeSeriesOf({ timeseries }: Document): Document | undefined {
  if (timeseries === undefined) return undefined;
  const { bucketMaxSpanSeconds: _, bucketRoundingSeconds: __, ...options } = timeseries as Document;
  return options;
}

function planMerge(merge: Document): MergePlan {
  const into = (merge["into"] ?? {}) as Document;
  const on = merge["on"] as string | readonly string[] | undefined;
  return {
    kind: "merge",
    connectionName: String(into["connectionName"]),
    db: into["db"],
    coll: into["coll"],
    on: on === undefined ? ["_id"] : typeof on === "string" ? [on] : on,
    let: merge["let"] as Document | undefined,
    whenMatched: merge["whenMatched"] ?? "merge",
    whenNotMatched: merge["whenNotMatched"] ?? "insert",
  };
}

/** True for a value that is the same for every document: a text that is no field path. */
export function isLiteralText(value: unknown): value is string {
  return typeof value === "string" && !value.startsWith("$");
}
