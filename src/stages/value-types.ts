import type { Decimal128, Double, Int32, Long } from "bson";

// Types of values, apart from the schemas: the published types name these, and need not load the package that describes schemas.

/** What an MQL expression may be; operators are checked by the compiler, not by the editor. */
export type Expression = string | number | bigint | boolean | null | object;

/** A query document, as `$match` and `find` take it. */
export type Query = Readonly<Record<string, unknown>>;

/** A whole number as mongosh, EJSON or JavaScript write it. */
export type Whole =
  | number
  | Int32
  | Long
  | Double
  | Decimal128
  | { readonly $numberInt: string }
  | { readonly $numberLong: string };

/** A text that an expression may compute: `"$field"` and `{ $concat: … }` included. */
export type Computed = string | { readonly [operator: `$${string}`]: unknown };

/** `"$field"`, `"$$variable"` or an operator: an expression where a plain text would be one of the fixed words. */
export type Choosing = `$${string}` | { readonly [operator: `$${string}`]: unknown };

/** A length of time. Source: asp-language section 1.1.1. */
export interface Duration {
  readonly size: Whole;
  readonly unit: "ms" | "second" | "minute" | "hour" | "day";
}

/** How a column's values become those of a partition. Source: asp-language section 1.13. */
export type PartitionTransform =
  | "identity"
  | "year"
  | "month"
  | "day"
  | "hour"
  | { readonly truncate: Whole }
  | { readonly bucket: Whole };

/** By how much windows are shifted against UTC. Source: asp-language section 1.6. */
export interface WindowOffset {
  readonly offsetFromUtc: Whole;
  readonly unit: Exclude<Duration["unit"], "day">;
}
