import type { Place } from "../diagnostics/finding.ts";
import type { SourceText } from "./source-text.ts";
import { createWaits } from "./waits.ts";
import type { Waits } from "./waits.ts";

/** An object literal, or a `define…` call, as it stands in a source. */
export interface Literal {
  readonly source: SourceText;
  readonly offset: number;
  /** Offset of a key that is written out; looked up only when a finding asks. */
  readonly keyOffset: (key: string) => number | undefined;
  /** Keys whose value may be a function: handlers get the place of their key. */
  readonly functions: readonly string[];
}

/** Remembers where values of the loaded modules were written. */
export interface Places {
  /** Registers a literal; the answer goes into the code as the first argument of {@link Places.tag}. */
  readonly add: (literal: Literal) => number;
  /** Called by the loaded modules with every value that such a literal makes; returns the value. */
  readonly tag: (id: number, value: unknown) => unknown;
  /** Where a value, or one of its keys, stands. */
  readonly at: (value: object, key?: string) => Place | undefined;
  readonly waits: Waits;
}

export function createPlaces(): Places {
  const literals: Literal[] = [];
  const known = new WeakMap<object, Literal>();
  return {
    waits: createWaits(),
    add: (literal) => literals.push(literal) - 1,
    tag(id, value) {
      const literal = literals[id];
      if (literal === undefined || typeof value !== "object" || value === null) return value;
      // What a define call hands through unchanged keeps the place of its own literal.
      if (!known.has(value)) known.set(value, literal);
      for (const key of literal.functions) tagFunction(value, key, literal);
      return value;
    },
    at(value, key) {
      const literal = known.get(value);
      const offset = (key === undefined ? undefined : literal?.keyOffset(key)) ?? literal?.offset;
      return offset === undefined ? undefined : literal?.source.placeAt(offset);
    },
  };

  function tagFunction(holder: object, key: string, { source, keyOffset, offset }: Literal): void {
    const value: unknown = Object.getOwnPropertyDescriptor(holder, key)?.value;
    if (typeof value !== "function" || known.has(value)) return;
    known.set(value, { source, offset: keyOffset(key) ?? offset, keyOffset: () => undefined, functions: [] });
  }
}
