import type { Document } from "bson";
import { isSampleSource } from "../../stages/sample-data.ts";

export type SourcePlan = ChangeStreamPlan | DocumentsPlan | KafkaSourcePlan | SamplePlan | SchedulePlan;

export interface ChangeStreamPlan {
  readonly kind: "changeStream";
  readonly connectionName: string;
  /** Absent: the whole cluster. */
  readonly db: string | undefined;
  /** Absent: the whole database. */
  readonly colls: readonly string[] | undefined;
  /** `config.pipeline`. */
  readonly pipeline: readonly Document[];
  readonly fullDocumentOnly: boolean;
  /** Options of the `$changeStream` stage that decide what an event looks like. */
  readonly mode: Document;
  readonly startAfter: Document | undefined;
  readonly startAtOperationTime: unknown;
  readonly initialSync: boolean;
  readonly readPreference: { readonly mode: ReadPreferenceMode; readonly tags: readonly Document[] | undefined };
  /** Longest wait for a change. */
  readonly maxAwaitTimeMs: number;
  /** An expression over the change event that gives its event time. */
  readonly timeField: unknown;
}

export type ReadPreferenceMode = "primary" | "primaryPreferred" | "secondary" | "secondaryPreferred" | "nearest";

/** Source: asp-language section 1.1.4. */
const defaultMaxAwaitTimeMs = 1000;

export interface DocumentsPlan {
  readonly kind: "documents";
  /** An array, or an expression that gives one. */
  readonly documents: unknown;
  readonly timeField: unknown;
}

export interface KafkaSourcePlan {
  readonly kind: "kafka";
  readonly connectionName: string;
  readonly topics: readonly string[];
  readonly schemaRegistry: string | undefined;
  /** What else is heeded: `partitions`, `partitionIdleTimeout` and `config`. */
  readonly args: Document;
  readonly timeField: unknown;
}

/** The service's sample data. */
export interface SamplePlan {
  readonly kind: "sample";
  readonly timeField: unknown;
}

export interface SchedulePlan {
  readonly kind: "schedule";
  readonly schedule: string;
  readonly tsFieldName: string;
  readonly timeField: undefined;
}

/** Takes the arguments of a `$source` apart. */
export function planSource(source: Document): SourcePlan {
  const timeField: unknown = source["timeField"];
  if ("documents" in source) return { kind: "documents", documents: source["documents"], timeField };
  if ("schedule" in source) {
    const tsFieldName = String(source["tsFieldName"] ?? "_ts");
    return { kind: "schedule", schedule: String(source["schedule"]), tsFieldName, timeField: undefined };
  }
  if ("topic" in source) return planKafka(source);
  if (isSampleSource(source)) return { kind: "sample", timeField };
  return planChangeStream(source);
}

function planKafka({ topic: topics, schemaRegistry, connectionName, timeField, ...rest }: Document): KafkaSourcePlan {
  const topic = topics as string | readonly string[];
  const registry = (schemaRegistry as Document | undefined)?.["connectionName"] as string | undefined;
  const { tsFieldName: _, ...args } = rest;
  return {
    kind: "kafka",
    connectionName: String(connectionName),
    topics: typeof topic === "string" ? [topic] : topic,
    schemaRegistry: registry,
    args,
    timeField: timeField as unknown,
  };
}

function planChangeStream(source: Document): ChangeStreamPlan {
  const config = (source["config"] ?? {}) as Document;
  const coll = source["coll"] as string | readonly string[] | undefined;
  return {
    kind: "changeStream",
    connectionName: String(source["connectionName"]),
    db: source["db"] as string | undefined,
    colls: typeof coll === "string" ? [coll] : coll,
    pipeline: (config["pipeline"] ?? []) as Document[],
    fullDocumentOnly: config["fullDocumentOnly"] === true,
    mode: {
      ...(config["fullDocument"] === undefined ? {} : { fullDocument: config["fullDocument"] }),
      ...(config["fullDocumentBeforeChange"] === undefined
        ? {}
        : { fullDocumentBeforeChange: config["fullDocumentBeforeChange"] }),
    },
    startAfter: config["startAfter"] as Document | undefined,
    startAtOperationTime: config["startAtOperationTime"],
    initialSync: (source["initialSync"] as Document | undefined)?.["enable"] === true,
    readPreference: {
      mode: (source["readPreference"] ?? "primary") as ReadPreferenceMode,
      tags: source["readPreferenceTags"] as readonly Document[] | undefined,
    },
    maxAwaitTimeMs: Number(config["maxAwaitTimeMS"] ?? defaultMaxAwaitTimeMs),
    timeField: source["timeField"],
  };
}
