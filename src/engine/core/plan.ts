import type { Document } from "bson";
import type { DeadLetterTarget, Definition } from "../../stages/definition.ts";
import { readsStreamMetadata } from "../../expressions/stream-metadata.ts";
import { isPlainObject } from "../../expressions/is-plain-object.ts";

/** A definition, taken apart into what the engine does with it. */
export interface ProcessorPlan {
  readonly name: string;
  readonly source: SourcePlan;
  readonly steps: readonly Step[];
  readonly sink: MergePlan;
  readonly deadLetters: DeadLetterTarget | undefined;
  /** Whether an expression reads `{$meta: "stream…"}`. */
  readonly readsMetadata: boolean;
}

export type SourcePlan = ChangeStreamPlan | DocumentsPlan;

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
}

export interface DocumentsPlan {
  readonly kind: "documents";
  /** An array, or an expression that gives one. */
  readonly documents: unknown;
}

/** Stages that run together on mongod, or a check whose refused documents are dead letters. */
export type Step =
  | { readonly kind: "stages"; readonly stages: readonly Document[] }
  | { readonly kind: "validate"; readonly validator: Document };

export type MergeMode = "replace" | "keepExisting" | "merge" | "delete";

export interface MergePlan {
  readonly connectionName: string;
  readonly db: unknown;
  readonly coll: unknown;
  readonly on: readonly string[];
  readonly let: Document | undefined;
  /** A mode, a pipeline, or an expression that gives a mode. */
  readonly whenMatched: unknown;
  readonly whenNotMatched: unknown;
}

/** Takes a definition apart. It has passed the compiler, so shapes are not checked again. */
export function planProcessor(definition: Definition): ProcessorPlan {
  const [source, ...rest] = definition.pipeline;
  const stages = rest.slice(0, -1);
  const merge = (rest.at(-1)?.["$merge"] ?? {}) as Document;
  return {
    name: definition.name,
    source: planSource((source?.["$source"] ?? {}) as Document),
    steps: planSteps(stages),
    sink: planMerge(merge),
    deadLetters:
      isPlainObject(definition.options?.dlq) && "coll" in definition.options.dlq ? definition.options.dlq : undefined,
    readsMetadata: readsStreamMetadata(stages) || readsStreamMetadata(withoutPipeline(merge)),
  };
}

function planSource(source: Document): SourcePlan {
  if ("documents" in source) return { kind: "documents", documents: source["documents"] };
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
  };
}

/** A `$validate` that only discards is a `$match`; with action `dlq` it must tell which documents it refused. */
function planSteps(stages: readonly Document[]): readonly Step[] {
  const steps: Step[] = [];
  let open: Document[] = [];
  const close = (): void => {
    if (open.length > 0) steps.push({ kind: "stages", stages: open });
    open = [];
  };
  for (const stage of stages) {
    const validate = stage["$validate"] as Document | undefined;
    if (validate?.["validationAction"] === "dlq") {
      close();
      steps.push({ kind: "validate", validator: (validate["validator"] ?? {}) as Document });
    } else {
      open.push(stage);
    }
  }
  close();
  return steps;
}

function planMerge(merge: Document): MergePlan {
  const into = (merge["into"] ?? {}) as Document;
  const on = merge["on"] as string | readonly string[] | undefined;
  return {
    connectionName: String(into["connectionName"]),
    db: into["db"],
    coll: into["coll"],
    on: on === undefined ? ["_id"] : typeof on === "string" ? [on] : on,
    let: merge["let"] as Document | undefined,
    whenMatched: merge["whenMatched"] ?? "merge",
    whenNotMatched: merge["whenNotMatched"] ?? "insert",
  };
}

/** A `whenMatched` pipeline runs on the target's cluster, which knows no stream metadata. */
function withoutPipeline(merge: Document): Document {
  return Array.isArray(merge["whenMatched"]) ? { ...merge, whenMatched: undefined } : merge;
}

/** True for a value that is the same for every document: a text that is no field path. */
export function isLiteralText(value: unknown): value is string {
  return typeof value === "string" && !value.startsWith("$");
}
