import type { Document } from "mongodb";

/** What the read models must be: a plain fold over the stored events, in the order they were written. */
export function foldEvents(events: readonly Document[]): {
  readonly orders: Readonly<Record<string, Document>>;
  readonly customers: Readonly<Record<string, Document>>;
} {
  const orders: Record<string, Document> = {};
  const customers: Record<string, Document> = {};
  for (const { streamId, type, data } of events.toSorted((a, b) => a["sequence"] - b["sequence"])) {
    if (type === "OrderCancelled") {
      delete orders[streamId];
      continue;
    }
    const order = (orders[streamId] ??= { _id: streamId, status: "new", items: 0, total: 0 });
    const customer = (customers[data.customerId] ??= { _id: data.customerId, events: 0, items: 0 });
    customer["events"] += 1;
    if (type === "OrderPlaced") {
      order["status"] = "placed";
      order["customerId"] = data.customerId;
    } else {
      order["items"] += data.quantity;
      order["total"] += data.quantity * data.price;
      customer["items"] += data.quantity;
    }
  }
  return { orders, customers };
}
