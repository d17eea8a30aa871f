import type { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from "bson";

declare const value: unique symbol;

/** Values that have no fields of their own to refer to. */
export type Scalar =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Date
  | RegExp
  | Uint8Array
  | Binary
  | Decimal128
  | Double
  | Int32
  | Long
  | ObjectId
  | Timestamp
  | UUID;

/** Any reference whose value is a `T`. */
export interface ReferenceTo<T> {
  readonly [value]: T;
}

/**
 * A reference to a scalar or an array. It cannot be called; the call signature is there because TypeScript then objects to
 * `if (view.total)`, which would always be true.
 */
export interface LeafReference<T> extends ReferenceTo<T> {
  (never: never, call: never): never;
}

/**
 * A typed reference to a field: it stands for the value that the field has when an event arrives, and compiles to a field path.
 *
 * The fields of an object are references again. A part of a missing or null object is missing, so below an optional object every
 * reference may be missing. Below `any`, everything goes. Elements of an array are reached by expressions, such as `{ $arrayElemAt: [data.lines, 0] }`.
 */
export type Ref<T> = 0 extends 1 & T
  ? // oxlint-disable-next-line no-explicit-any -- `any` in is `any` out: the author's own choice
    any
  : [NonNullable<T>] extends [Scalar | readonly unknown[]]
    ? LeafReference<T>
    : ReferenceTo<T> & {
        readonly [K in keyof NonNullable<T>]-?: Ref<NonNullable<T>[K] | Extract<T, null | undefined>>;
      };
