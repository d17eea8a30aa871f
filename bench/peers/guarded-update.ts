import type { Document, UpdateFilter } from "mongodb";
import type { OrderEvent } from "../../pipelines/events.ts";
import type { StoredEvent } from "../../test/replays/burst/order-events.ts";
import type { OrderDocument } from "./consumer.ts";

export interface GuardedUpdate {
  readonly filter: { readonly _id: string };
  readonly update: UpdateFilter<OrderDocument>[];
  readonly upsert: true;
}

const initial = { status: "new", items: 0, total: 0, paid: 0 };

/**
 * The update that applies an event to its order only where it was not applied before, whether the order is there, was cancelled or
 * comes with this event. It has to be a pipeline: with the version in the filter instead, an upsert of an old event would insert a
 * second document, and without an upsert an event that comes first would be lost.
 */
export function toGuardedUpdate({ streamId, version, occurredAt, ...event }: StoredEvent): GuardedUpdate {
  const applied = { $mergeObjects: [{ $cond: ["$deleted", { _id: "$_id" }, "$$ROOT"] }, changes(event, occurredAt)] };
  const isOld = { $gte: ["$version", version] };
  return {
    filter: { _id: streamId },
    update: [{ $replaceWith: { $cond: [isOld, "$$ROOT", { $mergeObjects: [initial, applied, { version }] }] } }],
    upsert: true,
  };
}

/** Expressions over the order as it is. The values of the event are constants, so that there is one branch for its one type. */
function changes(event: OrderEvent, occurredAt: Date): Document {
  switch (event.type) {
    case "OrderPlaced":
      return { status: "placed", customerId: { $literal: event.data.customerId }, placedAt: occurredAt };
    case "ItemAdded": {
      const { quantity, price } = event.data;
      return { items: plus("items", quantity), total: plus("total", quantity * price) };
    }
    case "ItemRemoved": {
      const { quantity, price } = event.data;
      return { items: plus("items", -quantity), total: plus("total", -quantity * price) };
    }
    case "PaymentReceived":
      return { status: "paid", paid: plus("paid", event.data.amount) };
    case "OrderCancelled":
      return { deleted: true };
    default:
      throw new Error("no such event");
  }
}

/** The field's value, or 0 where the order is new or was cancelled. */
function plus(field: "items" | "total" | "paid", by: number): Document {
  return { $add: [{ $cond: ["$deleted", 0, { $ifNull: [`$${field}`, 0] }] }, by] };
}
