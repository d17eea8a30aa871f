import type { Document } from "bson";
import { sourcesOf, type Ready } from "./chunk.ts";
import { toDeadLetter } from "./core/dead-letter.ts";
import { decodeExact } from "./core/exact-bson.ts";
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

/** What the documents of a chunk came from, and once it is needed, which one each came from. */
interface Traced {
  readonly sources: readonly Delivered[];
  located: Promise<Transformed> | undefined;
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
    batch.flatMap((ready) => {
      const { refused } = ready.transformed;
      if (refused.length === 0) return [];
      const sources = sourcesOf(plan.source, ready);
      return refused.map(({ operator, reason, document, index }) =>
        toLetter(operator, reason, document, sources[index]),
      );
    });

  /** The `place`-th document of the batch with the one it came from; on the fast path the stages run again, once, to tell. */
  const trace = async (
    batch: readonly Ready[],
    place: number,
    traced: Map<Ready, Traced>,
  ): Promise<{ readonly document: Document; readonly source: Delivered | undefined }> => {
    let left = place;
    for (const ready of batch) {
      const { transformed } = ready;
      const outgoing = transformed.outgoing[left];
      if (outgoing !== undefined) {
        const known = traced.get(ready) ?? { sources: sourcesOf(plan.source, ready), located: undefined };
        traced.set(ready, known);
        const { sources } = known;
        let { index } = outgoing;
        if (index === undefined) {
          known.located ??= transform.run(sources, { locate: true });
          index = (await known.located).outgoing[left]?.index;
        }
        return { document: decodeExact(outgoing.document), source: index === undefined ? undefined : sources[index] };
      }
      left -= transformed.outgoing.length;
    }
    return { document: {}, source: undefined };
  };

  return {
    write: async (batch) => {
      const targets = batch.flatMap((ready) => ready.targets);
      const refusals = await withRetries(() => sink.write(targets), signal);
      const letters = [...refusedByStages(batch)];
      const traced = new Map<Ready, Traced>();
      for (const { position, reason } of refusals) {
        const { document, source } = await trace(batch, position, traced);
        letters.push(toLetter("$merge", reason, document, source));
      }
      if (letters.length > 0) await withRetries(() => deadLetters.write(letters), signal);
      return { output: targets.length, deadLetters: letters.length };
    },
  };
}
