import { defineProjection } from "asp-toolkit";
import type { CustomerView, OrderEvent } from "./events.ts";

/**
 * Many orders write to one customer, so no version can tell what was applied already: with a `key` of its own the guard is the
 * place in the change stream.
 */
export default defineProjection<CustomerView, OrderEvent>({
  name: "customers",
  into: { connectionName: "domain", db: "shop", coll: "customers" },
  key: ({ data }) => data.customerId,
  initial: { orders: 0, cancelled: 0, paid: 0, largestPayment: 0 },
  on: {
    OrderPlaced: ({ time }, view) => ({ orders: { $add: [view.orders, 1] }, lastSeen: time }),
    PaymentReceived: ({ data, time }, view) => ({
      paid: { $add: [view.paid, data.amount] },
      largestPayment: { $cond: [{ $gt: [data.amount, view.largestPayment] }, data.amount, view.largestPayment] },
      lastSeen: time,
    }),
    OrderCancelled: ({ time }, view) => ({ cancelled: { $add: [view.cancelled, 1] }, lastSeen: time }),
  },
});
