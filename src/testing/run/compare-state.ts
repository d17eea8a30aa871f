import { compareCollections, isTombstone, withoutAsp } from "../compare/compare-collections.ts";
import type { DocumentDifference, StoredDocument } from "../compare/compare-collections.ts";
import { compareMessages } from "../compare/compare-messages.ts";
import { compareDeadLetters, toExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import type { ExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import { comparisonKey } from "../compare/compare-values.ts";
import type { Difference } from "../compare/difference.ts";
import type { EndState, WrittenCollection } from "./end-state.ts";

/** What a state is compared with: a case's then/, or the end of the straight trial. */
export interface ExpectedState {
  /** By label; a collection that is not there is not compared. */
  readonly collections: ReadonlyMap<string, readonly StoredDocument[]>;
  readonly deadLetters: readonly ExpectedDeadLetter[];
}

/** `once`: the trial hands documents over again, so that equal dead letters count once, and equal documents where there is no key. */
export function compareState(
  expected: ExpectedState,
  state: EndState,
  { written, once }: { readonly written: readonly WrittenCollection[]; readonly once: boolean },
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const { label, processors, isKeyed, messages } of written) {
    const documents = expected.collections.get(label);
    if (documents === undefined) continue;
    if (messages !== undefined) {
      const found = compareMessages(documents, messages, { once });
      differences.push(...found.map((one) => named(one, label, processors)));
      continue;
    }
    const isRepeated = once && isKeyed === false;
    const all = state.collections.get(label) ?? [];
    const found = isRepeated
      ? compareCollections(distinct(documents), distinct(all))
      : compareCollections(documents, all);
    differences.push(...found.map((one) => named(one, label, processors)));
  }
  const letters = compareDeadLetters(expected.deadLetters, state.deadLetters, { once });
  const [only, ...others] = new Set(written.flatMap(({ processors }) => processors));
  const owner = only !== undefined && others.length === 0 ? [only] : [];
  return [...differences, ...letters.map((one) => named(one, "_dlq", owner))];
}

/** An end state as another one should be: without `_asp`, which holds positions that no two runs share. */
export function toExpectedState({ collections, deadLetters }: EndState): ExpectedState {
  return {
    collections: new Map([...collections].map(([label, documents]) => [label, visible(documents)])),
    deadLetters: deadLetters.map((letter) => ({
      ...toExpectedDeadLetter(letter),
      processorName: letter["processorName"],
    })),
  };
}

/** The documents of a collection as its readers see them. */
export function visible(documents: readonly StoredDocument[]): readonly StoredDocument[] {
  return documents.filter((document) => !isTombstone(document)).map(withoutAsp);
}

function named(
  { processor, ...difference }: DocumentDifference,
  collection: string,
  processors: readonly string[],
): Difference {
  const name = processor ?? processors.join(", ");
  return { ...difference, ...(name === "" ? {} : { processor: name }), collection };
}

function distinct(documents: readonly StoredDocument[]): readonly StoredDocument[] {
  return [...new Map(documents.map((document) => [comparisonKey(document), document])).values()];
}
