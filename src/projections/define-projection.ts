import type { Document } from "bson";
import type { ProcessorOptions } from "../stages/definition.ts";
import type { HandlerResult } from "./field-types.ts";
import { processorBrand } from "./processor-value.ts";
import type { EventSource, Envelope, Guard, ProjectionValue } from "./processor-value.ts";
import type { LeafReference, Ref } from "./reference-types.ts";

/** A member of an event union: told apart by `type`, the payload in `data`, other parts of the envelope where their type matters. */
export interface EventShape {
  readonly type: string;
  readonly data?: unknown;
  readonly id?: unknown;
  readonly stream?: unknown;
  readonly version?: unknown;
  readonly time?: unknown;
}

// oxlint-disable-next-line no-explicit-any -- without type arguments every reference goes
type Any = any;
interface AnyEvent extends EventShape {
  readonly data: Any;
}

type Part<E, Name extends string, Default> = E extends { readonly [N in Name]: infer Value } ? Value : Default;
type OfType<E, T> = E extends { readonly type: infer U } ? (T extends U ? E : never) : never;

/**
 * The first argument of a handler: references to the parts of the event, by their logical names whatever the stored fields are called.
 *
 * Parts that the event's type leaves out are: `id` and `stream` of any type, `version` a number, `time` a Date.
 */
export interface EventReference<E> {
  readonly id: E extends { readonly id: infer Id } ? Ref<Id> : LeafReference<Any>;
  readonly stream: E extends { readonly stream: infer Stream } ? Ref<Stream> : LeafReference<Any>;
  readonly version: Ref<Part<E, "version", number>>;
  readonly type: Ref<Part<E, "type", string>>;
  readonly time: Ref<Part<E, "time", Date>>;
  readonly data: Ref<Part<E, "data", object>>;
}

/** `event => fields`, called once when the projection is compiled. */
export type EventHandler<View, E> = (event: EventReference<E>, view: Ref<View>) => HandlerResult<View>;

/** Event type → handler. `"*"` takes the events that no other handler takes. */
export type EventHandlers<View, E extends EventShape, Rest> = {
  readonly [T in E["type"]]?: EventHandler<View, OfType<E, T>>;
} & { readonly "*"?: EventHandler<View, Rest> };

/** The options of {@link defineProjection}. */
export interface Projection<View, E extends EventShape, Rest> {
  /** Unique within the project; the service knows the processor by it. */
  readonly name: string;
  /** The collection of read models. */
  readonly into: { readonly connectionName: string; readonly db: string; readonly coll: string };
  /** As in ASP: `dlq` and others. */
  readonly options?: ProcessorOptions;
  /** Where the events are; what is left out comes from the `events` block of `atlas.config.yaml`. */
  readonly source?: Partial<Omit<EventSource, "envelope">> & { readonly envelope?: Partial<Envelope> };
  /**
   * The read model's `_id`; default: the event's stream. An array means that the event updates several read models. A null or missing
   * key makes the event a dead letter.
   */
  readonly key?: (event: EventReference<E>) => unknown;
  /** The read model before its first event; default `{}`. */
  readonly initial?: NoInfer<0 extends 1 & View ? Document : Partial<View>>;
  readonly on: EventHandlers<View, E, Rest>;
  /**
   * How a redelivered event is recognised; default `"version"`, or `"position"` where there is a `key`.
   *
   * - `"version"`: by the event's version, where one stream makes one read model
   * - `"position"`: by the place in the change stream, where many streams make one read model
   * - `"streams"`: by the last version of each stream, kept in the read model
   * - `"none"`: not at all; only for handlers whose repetition changes nothing
   */
  readonly guard?: Guard;
}

/**
 * Declares a projection: handlers that fold events into one read model per key.
 *
 * Handlers take references, not values, and return the fields to set, or `remove()`. They compile to one `$merge`; see
 * docs/guide/projections.md for what it promises.
 *
 * @typeParam View the read model, without `_asp`
 * @typeParam E the union of events
 * @typeParam Rest what the `"*"` handler sees, where that is to be narrower than the whole union
 * @example
 * export default defineProjection<OrderView, OrderEvent>({
 *   name: "orders",
 *   into: { connectionName: "domain", db: "shop", coll: "orders" },
 *   initial: { status: "new", items: 0 },
 *   on: {
 *     OrderPlaced: ({ data }) => ({ status: "placed", customerId: data.customerId }),
 *     ItemAdded: ({ data }, view) => ({ items: { $add: [view.items, data.quantity] } }),
 *     OrderCancelled: () => remove(),
 *   },
 * });
 */
export function defineProjection<View = Any, E extends EventShape = AnyEvent, Rest extends EventShape = E>(
  projection: Projection<View, E, Rest>,
): ProjectionValue {
  return { ...(projection as unknown as Omit<ProjectionValue, typeof processorBrand>), [processorBrand]: "projection" };
}
