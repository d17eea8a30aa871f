import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { readsStreamMetadata } from "../../expressions/stream-metadata.ts";
import type { DeadLetterTarget, Definition } from "../../stages/definition.ts";
import { isSink, planSink, type SinkPlan } from "./plan-sink.ts";
import { planSource, type SourcePlan } from "./plan-source.ts";
import { planSteps, type Step } from "./plan-steps.ts";
import { isWindow, planWindow, type WindowPlan } from "./plan-window.ts";

/** A definition, taken apart into what the engine does with it. */
export interface ProcessorPlan {
  readonly name: string;
  readonly source: SourcePlan;
  /** Up to the window, where there is one, else all of them. */
  readonly steps: readonly Step[];
  readonly windowed: WindowedPlan | undefined;
  readonly sink: SinkPlan;
  readonly deadLetters: DeadLetterTarget | undefined;
  /** Whether an expression reads or writes `{$meta: "stream…"}`. */
  readonly readsMetadata: boolean;
}

/** A window, what runs over each closed one, and what follows. */
export interface WindowedPlan {
  readonly window: WindowPlan;
  readonly inner: readonly Step[];
  readonly after: readonly Step[];
}

/** Takes a definition apart. It has passed the compiler, so shapes are not checked again. */
export function planProcessor(definition: Definition): ProcessorPlan {
  const [source, ...rest] = definition.pipeline;
  const ending = rest.at(-1);
  const ends = ending !== undefined && isSink(ending);
  const stages = ends ? rest.slice(0, -1) : rest;
  const last = ends ? ending : {};
  const at = stages.findIndex(isWindow);
  const sink: SinkPlan = ends ? planSink(ending) : { kind: "none" };
  return {
    name: definition.name,
    source: planSource((source?.["$source"] ?? {}) as Document),
    steps: planSteps(at === -1 ? stages : stages.slice(0, at)),
    windowed: at === -1 ? undefined : planWindowed(stages[at] ?? {}, stages.slice(at + 1)),
    sink,
    deadLetters:
      isPlainObject(definition.options?.dlq) && "coll" in definition.options.dlq ? definition.options.dlq : undefined,
    readsMetadata: readsStreamMetadata(stages) || readsStreamMetadata(whereStreamIsKnown(last)) || readsOperation(sink),
  };
}

/** The operation of a change is metadata that no expression of the author's names. */
function readsOperation(sink: SinkPlan): boolean {
  return sink.kind === "iceberg" && sink.mode === "cdc";
}

function planWindowed(stage: Document, after: readonly Document[]): WindowedPlan {
  const [args] = Object.values(stage) as [Document];
  return {
    window: planWindow(stage),
    inner: planSteps((args["pipeline"] ?? []) as Document[]),
    after: planSteps(after),
  };
}

/** A `whenMatched` pipeline runs on the target's cluster, which knows no stream metadata. */
function whereStreamIsKnown(sink: Document): Document {
  const merge = sink["$merge"] as Document | undefined;
  return Array.isArray(merge?.["whenMatched"]) ? { $merge: { ...merge, whenMatched: undefined } } : sink;
}
