import type { Document } from "bson";
import type { ProcessorOptions } from "../stages/definition.ts";

/**
 * Marks what `define…` returns. Registered globally, so that a value made by another copy of this package is recognised.
 */
export const processorBrand: unique symbol = Symbol.for("asp-toolkit.processor") as never;

/** A plain processor as its author wrote it. */
export interface ProcessorValue {
  readonly [processorBrand]: "processor";
  readonly name: string;
  readonly pipeline: readonly Document[];
  readonly options?: ProcessorOptions;
}

/** Field paths of the envelope in a stored event; `data: "."` where the payload's fields are the document's own. */
export interface Envelope {
  readonly id: string;
  readonly stream: string;
  readonly version: string;
  readonly type: string;
  readonly time: string;
  readonly data: string;
}

/** Where a projection reads its events: the `events` block of the config, with what the projection overrides. */
export interface EventSource {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
  readonly envelope: Envelope;
}

export type Guard = "version" | "position" | "streams" | "none";

/** A projection as its author wrote it, types erased: handlers take references and return fields. */
export interface ProjectionValue {
  readonly [processorBrand]: "projection";
  readonly name: string;
  readonly into: { readonly connectionName: string; readonly db: string; readonly coll: string };
  readonly source?: Partial<Omit<EventSource, "envelope">> & { readonly envelope?: Partial<Envelope> };
  readonly key?: (event: never) => unknown;
  readonly initial?: Document;
  readonly on: { readonly [type: string]: (event: never, view: never) => unknown };
  readonly guard?: Guard;
  readonly options?: ProcessorOptions;
}

export type AuthoredValue = ProcessorValue | ProjectionValue;

/** True for what `defineProcessor` or `defineProjection` of any copy of this package returned. */
export function isAuthoredValue(value: unknown): value is AuthoredValue {
  return typeof value === "object" && value !== null && processorBrand in value;
}
