import { bytesOf, type Chunk, type Ready } from "./chunk.ts";
import { createDeliver, madeAt, streamFor } from "./deliver.ts";
import { lastOf, weigh, type Flow, type FlowParts } from "./flow.ts";
import { wallTimeMsOf } from "./sources/batch.ts";
import { createTransform, type Delivered, type Transformed } from "./transform.ts";

const nothing = async (): Promise<void> => undefined;

/** Each document for itself: nothing is kept between chunks. */
export function createPlainFlow({ plan, sink, ...context }: FlowParts): Flow {
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
        stream: () => streamFor(plan.source, event, madeAt(event, context) ?? chunk.atMs),
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
