import { bytesOf, type Chunk, type Ready } from "./chunk.ts";
import { createDeliver, madeAt, streamFor } from "./deliver.ts";
import { operatorsOf } from "./core/operators-of.ts";
import { lastOf, weigh, type Flow, type FlowParts } from "./flow.ts";
import { wallTimeMsOf } from "./sources/batch.ts";
import { createTransform, type Delivered, type Transformed } from "./transform.ts";

const nothing = async (): Promise<void> => undefined;

/** Each document for itself: nothing is kept between chunks. */
export function createPlainFlow({ plan, sink, meter, ...context }: FlowParts): Flow {
  const deliver = createDeliver(plan.source, context);
  const { places } = operatorsOf(plan);
  const transform = createTransform(
    {
      steps: plan.steps,
      readsMetadata: plan.readsMetadata,
      last: lastOf(plan, sink),
      count: (step, counts) => meter.count(places.steps + step, counts),
    },
    context,
  );

  const deliveredBy = async (chunk: Chunk): Promise<{ delivered: readonly Delivered[]; transformed: Transformed }> => {
    const { delivered, refused } = await deliver.run(chunk);
    meter.count(0, { input: chunk.events.length, output: delivered.length, deadLetters: refused.length });
    const transformed = await transform.run(delivered);
    if (refused.length === 0) return { delivered, transformed };
    return { delivered, transformed: { ...transformed, refused: [...refused, ...transformed.refused] } };
  };

  /** Where the change stream runs the stages, they are one step or none. */
  const countPushed = (input: number, output: number): void => {
    meter.count(0, { input, output: input });
    if (plan.steps.length > 0) meter.count(places.steps, { input, output });
  };

  async function* run(chunk: Chunk): AsyncGenerator<Ready> {
    const { events, results } = chunk;
    const pushed = results === undefined ? undefined : { outgoing: results, refused: [] };
    if (pushed !== undefined) countPushed(events.length, pushed.outgoing.length);
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
