import type { Node } from "../expressions/node.ts";

/** One field that a handler sets: a path through objects. */
export interface FieldSet {
  readonly path: readonly string[];
  readonly value: Node;
}

/** What a handler does, read once with references instead of values. */
export type Handler =
  | { readonly kind: "fields"; readonly name: string; readonly fields: readonly FieldSet[] }
  | { readonly kind: "remove"; readonly name: string };

/** The handler that takes what no other handler takes. */
export const anyType = "*";
