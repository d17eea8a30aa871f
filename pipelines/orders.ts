import { defineProjection, remove } from "asp-toolkit";
import type { OrderEvent, OrderView } from "./events.ts";

/** An order is a stream of its own, so its version tells what was applied already: the default guard. */
export default defineProjection<OrderView, OrderEvent>({
  name: "orders",
  into: { connectionName: "domain", db: "shop", coll: "orders" },
  initial: { status: "new", items: 0, total: 0, paid: 0 },
  on: {
    OrderPlaced: ({ data, time }) => ({ status: "placed", customerId: data.customerId, placedAt: time }),
    ItemAdded: ({ data }, view) => ({
      items: { $add: [view.items, data.quantity] },
      total: { $add: [view.total, { $multiply: [data.quantity, data.price] }] },
    }),
    ItemRemoved: ({ data }, view) => ({
      items: { $subtract: [view.items, data.quantity] },
      total: { $subtract: [view.total, { $multiply: [data.quantity, data.price] }] },
    }),
    PaymentReceived: ({ data }, view) => ({ status: "paid", paid: { $add: [view.paid, data.amount] } }),
    OrderCancelled: () => remove(),
  },
});
