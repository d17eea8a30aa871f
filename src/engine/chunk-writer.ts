import type { Document } from "bson";
import { deliverEvents, type Ready } from "./chunk.ts";
import { toDeadLetter } from "./core/dead-letter.ts";
import type { ProcessorPlan } from "./core/plan.ts";
import { withRetries } from "./retry.ts";
import type { DeadLetters } from "./sinks/dead-letters.ts";
import type { MergeSink } from "./sinks/merge.ts";
import type { Delivered, Transform, Transformed } from "./transform.ts";

/** Hands what became of chunks to the sink, and what failed on the way to the dead letters. */
export interface ChunkWriter {
  /** Resolves once everything is written, with how many documents went where. */
  write(batch: readonly Ready[]): Promise<{ readonly output: number; readonly deadLetters: number }>;
}

export interface ChunkWriterParts {
  readonly plan: ProcessorPlan;
  readonly transform: Transform;
  readonly sink: MergeSink;
  readonly deadLetters: DeadLetters;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export function createChunkWriter({ plan, transform, sink, deadLetters, now, signal }: ChunkWriterParts): ChunkWriter {
  const toLetter = (
    operatorName: string,
    reason: string,
    document: Document,
    source: Delivered | undefined,
  ): Document =>
    toDeadLetter(
      { processorName: plan.name, operatorName, reason, document, stream: source?.stream() ?? {} },
      new Date(now()),
    );

  const refusedByStages = (batch: readonly Ready[]): readonly Document[] =>
    batch.flatMap(({ transformed: { refused }, events }) => {
      if (refused.length === 0) return [];
      const sources = deliverEvents(plan.source, events);
      return refused.map(({ operator, reason, document, index }) =>
        toLetter(operator, reason, document, sources[index]),
      );
    });

  /** The `place`-th document of the batch with the one it came from; on the fast path the stages run again, once, to tell. */
  const trace = async (
    batch: readonly Ready[],
    place: number,
    located: Map<Ready, Promise<Transformed>>,
  ): Promise<{ readonly document: Document; readonly source: Delivered | undefined }> => {
    let left = place;
    for (const ready of batch) {
      const { transformed, events } = ready;
      const outgoing = transformed.outgoing[left];
      if (outgoing !== undefined) {
        const sources = deliverEvents(plan.source, events);
        let { index } = outgoing;
        if (index === undefined) {
          const again = located.get(ready) ?? transform.run(sources, { locate: true });
          located.set(ready, again);
          index = (await again).outgoing[left]?.index;
        }
        return { document: outgoing.document, source: index === undefined ? undefined : sources[index] };
      }
      left -= transformed.outgoing.length;
    }
    return { document: {}, source: undefined };
  };

  return {
    write: async (batch) => {
      const outgoing = batch.flatMap(({ transformed }) => transformed.outgoing);
      const refusals = await withRetries(() => sink.write(outgoing), signal);
      const letters = [...refusedByStages(batch)];
      const located = new Map<Ready, Promise<Transformed>>();
      for (const { position, reason } of refusals) {
        const { document, source } = await trace(batch, position, located);
        letters.push(toLetter("$merge", reason, document, source));
      }
      if (letters.length > 0) await withRetries(() => deadLetters.write(letters), signal);
      return { output: outgoing.length, deadLetters: letters.length };
    },
  };
}
