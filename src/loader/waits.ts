import type { Place } from "../diagnostics/finding.ts";
import type { SourceText } from "./source-text.ts";

/** Where modules wait: the `await`s at their top that have begun and not ended. */
export interface Waits {
  /** Registers one; the answer goes into the code as the first argument of {@link Waits.wait}. */
  readonly add: (source: SourceText, offset: number) => number;
  /** Called by the loaded modules with what they await; returns what is to be awaited in its place. */
  readonly wait: (id: number, value: unknown) => Promise<unknown>;
  readonly pending: () => readonly Place[];
}

export function createWaits(): Waits {
  const waits: (() => Place)[] = [];
  const begun = new Set<{ readonly id: number }>();
  return {
    add: (source, offset) => waits.push(() => source.placeAt(offset)) - 1,
    wait(id, value) {
      const wait = { id };
      begun.add(wait);
      return Promise.resolve(value).finally(() => begun.delete(wait));
    },
    pending: () => [...begun].flatMap(({ id }) => waits[id]?.() ?? []),
  };
}
