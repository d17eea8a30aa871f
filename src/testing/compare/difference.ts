/**
 * One thing that is not as expected. `path` is dotted and empty where a whole document is `missing` or `extra`.
 *
 * `expected` and `actual` are absent where there is nothing on that side.
 */
export interface Difference {
  readonly kind: "missing" | "extra" | "different";
  readonly processor?: string;
  /** `<db>.<coll>`, `topic.<name>`, `captured.<connection>` or `_dlq`. */
  readonly collection: string;
  /** Of a message: `{key, position}`, its key and the how manieth of it that it is. */
  readonly _id?: unknown;
  readonly path: string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}

/** The part of a difference that two values give: where in them, and what. */
export type ValueDifference = Pick<Difference, "kind" | "path" | "expected" | "actual">;
