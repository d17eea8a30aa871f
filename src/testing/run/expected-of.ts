import type { FixtureCase } from "../case/fixture-case.ts";
import { toNamespace } from "../case/given.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import type { ExpectedState } from "./compare-state.ts";

/** What the files under then/ say; several files of one collection say it together. */
export function expectedOf({ expected: files, deadLetters }: FixtureCase): ExpectedState {
  const collections = new Map<string, readonly StoredDocument[]>();
  for (const expected of files) {
    const label = toNamespace(expected);
    collections.set(label, [...(collections.get(label) ?? []), ...expected.documents]);
  }
  return { collections, deadLetters: deadLetters ?? [] };
}
