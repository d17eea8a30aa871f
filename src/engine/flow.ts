import type { Document } from "bson";
import type { Chunk, Ready } from "./chunk.ts";
import type { ProcessorPlan } from "./core/plan.ts";
import type { EngineContext } from "./engine-context.ts";
import type { Meter } from "./meter.ts";
import type { WindowDetails } from "./processor-details.ts";
import type { Sink } from "./sinks/sink.ts";
import { sinkExpressions } from "./sinks/sink-expressions.ts";
import type { TransformParts, Transformed } from "./transform.ts";

/** What a processor with a window knows beside its position: part of its checkpoint. */
export type FlowState = Document;

/** Takes chunks through everything between source and sink, one after the other. */
export interface Flow {
  /** All that becomes of a chunk, in order; the last part says how far the processor then is. */
  run(chunk: Chunk): AsyncIterable<Ready>;
  /** Whether what becomes of a chunk depends on those before it. */
  readonly isStateful: boolean;
  /**
   * Goes back to what a checkpoint says; without one, to the beginning.
   *
   * @param atMs engine time at which it goes on: what has passed since the checkpoint is no silence of the source. Absent: no time has.
   */
  begin(state: FlowState | undefined, atMs?: number): Promise<void>;
  /** A checkpoint with this state is stored: what it has no use for may go. */
  stored(state: FlowState): Promise<void>;
  /** What it keeps between chunks; absent where that is nothing. */
  measure?(): Promise<WindowDetails>;
  /** Has mongod parse everything; rejects with what it says if it would refuse it for every document. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface FlowParts extends EngineContext {
  readonly plan: ProcessorPlan;
  readonly sink: Sink;
  readonly meter: Meter;
}

/** What the sink asks of each document, as the last thing that is evaluated. */
export function lastOf(plan: ProcessorPlan, sink: Sink): TransformParts["last"] {
  const expressions = sinkExpressions(plan.sink);
  return expressions === undefined ? undefined : { operator: sink.operator, expressions };
}

/** What outgoing documents weigh in a queue, in bytes. */
export function weigh({ outgoing }: Transformed): number {
  return outgoing.reduce((sum, { document }) => sum + document.length, 0);
}
