import type { Document } from "bson";
import { bytesOf, type Chunk, type Ready } from "./chunk.ts";
import { createDeliver, streamFor } from "./deliver.ts";
import type { ProcessorPlan } from "./core/plan.ts";
import type { EngineContext } from "./engine-context.ts";
import type { Sink } from "./sinks/sink.ts";
import { sinkExpressions } from "./sinks/sink-expressions.ts";
import { wallTimeMsOf } from "./sources/batch.ts";
import { createTransform, type Delivered, type TransformParts, type Transformed } from "./transform.ts";
import { createWindowFlow } from "./windows/window-flow.ts";

/** What a processor with a window knows beside its position: part of its checkpoint. */
export type FlowState = Document;

/** Takes chunks through everything between source and sink, one after the other. */
export interface Flow {
  /** All that becomes of a chunk, in order; the last part says how far the processor then is. */
  run(chunk: Chunk): AsyncIterable<Ready>;
  /** Whether what becomes of a chunk depends on those before it. */
  readonly isStateful: boolean;
  /** Goes back to what a checkpoint says; without one, to the beginning. */
  begin(state: FlowState | undefined): Promise<void>;
  /** A checkpoint with this state is stored: what it has no use for may go. */
  stored(state: FlowState): Promise<void>;
  /** Has mongod parse everything; rejects with what it says if it would refuse it for every document. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface FlowParts extends EngineContext {
  readonly plan: ProcessorPlan;
  readonly sink: Sink;
}

const nothing = async (): Promise<void> => undefined;

export function createFlow(parts: FlowParts): Flow {
  return parts.plan.windowed === undefined ? createPlainFlow(parts) : createWindowFlow(parts, parts.plan.windowed);
}

/** What the sink asks of each document, as the last thing that is evaluated. */
export function lastOf(plan: ProcessorPlan, sink: Sink): TransformParts["last"] {
  const expressions = sinkExpressions(plan.sink);
  return expressions === undefined ? undefined : { operator: sink.operator, expressions };
}

/** Each document for itself: nothing is kept between chunks. */
function createPlainFlow({ plan, sink, ...context }: FlowParts): Flow {
  const deliver = createDeliver(plan.source, context);
  const transform = createTransform(
    { steps: plan.steps, readsMetadata: plan.readsMetadata, last: lastOf(plan, sink) },
    context,
  );

  const deliveredBy = async (chunk: Chunk): Promise<{ delivered: readonly Delivered[]; transformed: Transformed }> => {
    const { delivered, refused } = await deliver.run(chunk);
    const transformed = await transform.run(delivered);
    if (refused.length === 0) return { delivered, transformed };
    return { delivered, transformed: { ...transformed, refused: [...refused, ...transformed.refused] } };
  };

  async function* run(chunk: Chunk): AsyncGenerator<Ready> {
    const { events, results } = chunk;
    const pushed = results === undefined ? undefined : { outgoing: results, refused: [] };
    const own = pushed === undefined ? await deliveredBy(chunk) : undefined;
    const transformed = own?.transformed ?? pushed ?? { outgoing: [], refused: [] };
    const sources = (): readonly Delivered[] =>
      own?.delivered ??
      events.map((event) => ({
        document: event.bson,
        stream: () => streamFor(plan.source, event, wallTimeMsOf(event) ?? chunk.atMs),
      }));
    // A result of the change stream is part of its event's bytes.
    const bytes = pushed === undefined ? weigh(transformed) : 0;
    yield {
      chunk,
      transformed,
      targets: sink.resolve(transformed.outgoing),
      sources,
      locate: () => transform.run(sources(), { locate: true }),
      wallTimesMs: events.map(wallTimeMsOf),
      bytes: bytesOf(events) + bytes,
      done: { position: chunk.position, state: undefined },
    };
  }

  return {
    run,
    isStateful: false,
    begin: nothing,
    stored: nothing,
    check: async () => {
      await deliver.check();
      await transform.check();
    },
    close: transform.close,
  };
}

/** What outgoing documents weigh in a queue, in bytes. */
export function weigh({ outgoing }: Transformed): number {
  return outgoing.reduce((sum, { document }) => sum + document.length, 0);
}
