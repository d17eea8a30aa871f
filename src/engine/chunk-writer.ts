import type { Document } from "bson";
import type { Ready } from "./chunk.ts";
import { toDeadLetter } from "./core/dead-letter.ts";
import { decodeExact } from "./core/exact-bson.ts";
import type { ProcessorPlan } from "./core/plan.ts";
import { withRetries } from "./retry.ts";
import type { DeadLetters } from "./sinks/dead-letters.ts";
import type { Sink } from "./sinks/sink.ts";
import type { Delivered, Transformed } from "./transform.ts";

/** Hands what became of chunks to the sink, and what failed on the way to the dead letters. */
export interface ChunkWriter {
  /** Resolves once everything is written. */
  write(batch: readonly Ready[]): Promise<WriteResult>;
}

export interface WriteResult {
  /** So many documents were handed to the sink. */
  readonly output: number;
  /** So many of them were refused. */
  readonly refused: number;
  /** Of stages and sink. */
  readonly letters: readonly Document[];
}

export interface ChunkWriterParts {
  readonly plan: ProcessorPlan;
  readonly sink: Sink;
  readonly deadLetters: DeadLetters;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What the documents of a chunk came from, and once it is needed, which one each came from. */
interface Traced {
  readonly sources: readonly Delivered[];
  located: Promise<Transformed> | undefined;
}

export function createChunkWriter({ plan, sink, deadLetters, now, signal }: ChunkWriterParts): ChunkWriter {
  const toLetter = (operatorName: string, reason: string, document: Document, stream: Document): Document =>
    toDeadLetter({ processorName: plan.name, operatorName, reason, document, stream }, new Date(now()));

  const refusedByStages = (batch: readonly Ready[]): readonly Document[] =>
    batch.flatMap((ready) => {
      const { refused } = ready.transformed;
      if (refused.length === 0) return [];
      const sources = ready.sources();
      return refused.map(({ operator, reason, document, index, stream }) =>
        toLetter(operator, reason, document, { ...sources[index]?.stream(), ...stream }),
      );
    });

  /** The `place`-th document of the batch with the one it came from; on the fast path the stages run again, once, to tell. */
  const trace = async (
    batch: readonly Ready[],
    place: number,
    traced: Map<Ready, Traced>,
  ): Promise<{ readonly document: Document; readonly stream: Document }> => {
    let left = place;
    for (const ready of batch) {
      const { transformed } = ready;
      const outgoing = transformed.outgoing[left];
      if (outgoing !== undefined) {
        const document = decodeExact(outgoing.document);
        if (outgoing.stream !== undefined) return { document, stream: outgoing.stream };
        const known = traced.get(ready) ?? { sources: ready.sources(), located: undefined };
        traced.set(ready, known);
        let { index } = outgoing;
        if (index === undefined) {
          known.located ??= withRetries(() => ready.locate(), signal);
          index = (await known.located).outgoing[left]?.index;
        }
        const source = index === undefined ? undefined : known.sources[index];
        return { document, stream: source?.stream() ?? {} };
      }
      left -= transformed.outgoing.length;
    }
    return { document: {}, stream: {} };
  };

  return {
    write: async (batch) => {
      const targets = batch.flatMap((ready) => ready.targets);
      const refusals = await withRetries(() => sink.write(targets), signal);
      const letters = [...refusedByStages(batch)];
      const traced = new Map<Ready, Traced>();
      for (const { position, reason, stream: own } of refusals) {
        const { document, stream } = await trace(batch, position, traced);
        letters.push(toLetter(sink.operator, reason, document, { ...stream, ...own }));
      }
      if (letters.length > 0) await withRetries(() => deadLetters.write(letters), signal);
      return { output: targets.length, refused: refusals.length, letters };
    },
  };
}
