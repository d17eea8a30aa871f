import { Double } from "bson";
import type { Document } from "bson";
import type { Guard } from "./processor-value.ts";

/** What a guard adds to the compiled pipeline. */
export interface GuardShape {
  /** Fields of `_asp` that say where in the stream an event stands. */
  readonly stamp: Document;
  /** Parts of the event that the stamp holds as they are, by the name they have in `_asp`. */
  readonly stamped: Readonly<Record<string, string>>;
  /** True inside `whenMatched` for an event that was applied before, and for a seed. */
  readonly applied: unknown;
  /** `_asp` of a document that an event was applied to, where that is more than `$$new._asp`. */
  readonly merged?: Document;
  /** Fields of a seed's `_asp` by which `applied` knows it, where it needs one. */
  readonly seed: Document;
}

/** `stored` gives a part of the event as an expression before the `$merge`. */
export function guardShape(guard: Guard, stored: (path: readonly string[]) => unknown): GuardShape {
  switch (guard) {
    case "version":
      // A seed has no `v`, and a missing value is less than or equal to any.
      return {
        stamp: { v: requireNumber(stored(["version"])) },
        stamped: { version: "v" },
        applied: { $gte: ["$_asp.v", "$$new._asp.v"] },
        seed: {},
      };
    case "position":
      return { stamp: { p: "$_id._data" }, stamped: {}, applied: { $gte: ["$_asp.p", "$$new._asp.p"] }, seed: {} };
    case "streams":
      return streamsShape(stored);
    case "none":
      return { stamp: {}, stamped: {}, applied: undefined, seed: { seed: true } };
  }
}

/** Streams and versions are compared as arrays of one, because `$$new._asp.s.v` of an array is an array. */
function streamsShape(stored: (path: readonly string[]) => unknown): GuardShape {
  const known = { $ifNull: ["$_asp.s", []] };
  const sameOrLater = { $and: [{ $eq: [["$$this.s"], "$$new._asp.s.s"] }, { $gte: [["$$this.v"], "$$new._asp.s.v"] }] };
  const others = { $filter: { input: known, cond: { $ne: [["$$this.s"], "$$new._asp.s.s"] } } };
  return {
    stamp: {
      s: [{ s: requireValue(stored(["stream"]), "the stream of the event"), v: requireNumber(stored(["version"])) }],
    },
    stamped: {},
    applied: { $anyElementTrue: [{ $map: { input: known, in: sameOrLater } }] },
    merged: { s: { $concatArrays: [others, "$$new._asp.s"] } },
    seed: { seed: true },
  };
}

/** An expression that fails with a readable reason where a value is missing or null: the event becomes a dead letter. */
export function requireValue(value: unknown, what: string): Document {
  return { $ifNull: [value, failure(value, `${what} is `)] };
}

/** The same for what is not a number, NaN included, which would be less than every version. */
export function requireNumber(value: unknown): Document {
  const isNumber = { $and: [{ $isNumber: value }, { $ne: [value, new Double(Number.NaN)] }] };
  return { $cond: [isNumber, value, failure(value, "the version of the event must be a number, and is ")] };
}

/**
 * MQL has no operator that fails on purpose, so a text is converted to a number: the server quotes it in its reason. It ends with
 * the type of a field, because a constant would be converted when the pipeline is optimised, and fail for every event.
 */
function failure(value: unknown, text: string): Document {
  return { $toInt: { $concat: [text, { $type: value }] } };
}
