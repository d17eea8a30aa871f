import type { StoredEvent } from "../../test/replays/burst/order-events.ts";
import type { OrderDocument } from "./consumer.ts";
import type { Filter, UpdateFilter } from "mongodb";

export interface GuardedUpdate {
  readonly filter: Filter<OrderDocument>;
  readonly update: UpdateFilter<OrderDocument> | UpdateFilter<OrderDocument>[];
  readonly upsert: boolean;
}

/**
 * The update that applies an event to its order only where it was not applied before. It is written as well as one who knows these
 * events would: an order begins with OrderPlaced, so all others can be plain updates that the version is part of the filter of.
 */
export function toGuardedUpdate({ streamId: _id, version, occurredAt, ...event }: StoredEvent): GuardedUpdate {
  const isNewer = { _id, version: { $lt: version } };
  switch (event.type) {
    case "OrderPlaced": {
      const { customerId } = event.data;
      const placed = { _id, version, status: "placed", customerId, placedAt: occurredAt, items: 0, total: 0, paid: 0 };
      // The first event, or one after a cancellation; a filter by version would insert a second document instead of doing nothing.
      const update = { $replaceWith: { $cond: [{ $gte: ["$version", version] }, "$$ROOT", { $literal: placed }] } };
      return { filter: { _id }, update: [update], upsert: true };
    }
    case "ItemAdded": {
      const { quantity, price } = event.data;
      const update = { $inc: { items: quantity, total: quantity * price }, $set: { version } };
      return { filter: isNewer, update, upsert: false };
    }
    case "ItemRemoved": {
      const { quantity, price } = event.data;
      const update = { $inc: { items: -quantity, total: -quantity * price }, $set: { version } };
      return { filter: isNewer, update, upsert: false };
    }
    case "PaymentReceived": {
      const update = { $inc: { paid: event.data.amount }, $set: { version, status: "paid" as const } };
      return { filter: isNewer, update, upsert: false };
    }
    case "OrderCancelled":
      return { filter: isNewer, update: { $set: { version, deleted: true } }, upsert: false };
    default:
      throw new Error("no such event");
  }
}
