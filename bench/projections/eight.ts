import { defineProjection, remove } from "asp-toolkit";
import type { EventReference, Projection } from "asp-toolkit";
import orders from "../../pipelines/orders.ts";
import type { OrderEvent } from "../../pipelines/events.ts";

const into = (coll: string) => ({ connectionName: "domain", db: "shop", coll });
type Added = EventReference<Extract<OrderEvent, { type: "ItemAdded" }>>;
const worth = ({ data }: Added) => ({ $multiply: [data.quantity, data.price] }) as const;

interface Sales {
  sold: number;
  revenue: number;
}
const noSales: Sales = { sold: 0, revenue: 0 };

/** What is sold, by whatever the key says. */
function salesBy(name: string, key: NonNullable<Projection<Sales, OrderEvent, OrderEvent>["key"]>) {
  return defineProjection<Sales, OrderEvent>({
    name,
    into: into(name),
    key,
    initial: noSales,
    on: {
      ItemAdded: (event, view) => ({
        sold: { $add: [view.sold, event.data.quantity] },
        revenue: { $add: [view.revenue, worth(event)] },
      }),
    },
  });
}

/**
 * Eight read models that a shop keeps of the same events. Each of them handles at least the items, which most events are, so that
 * none is much less work than `orders`, the one that is measured alone.
 */
export const eight = [
  orders,
  defineProjection<{ customerId?: string; open: boolean; lines: number }, OrderEvent>({
    name: "baskets",
    into: into("baskets"),
    initial: { open: true, lines: 0 },
    on: {
      OrderPlaced: ({ data }) => ({ customerId: data.customerId }),
      ItemAdded: (_, view) => ({ lines: { $add: [view.lines, 1] } }),
      PaymentReceived: () => ({ open: false }),
      OrderCancelled: () => remove(),
    },
  }),
  defineProjection<{ total: number; paid: number; owed: number }, OrderEvent>({
    name: "balances",
    into: into("balances"),
    initial: { total: 0, paid: 0, owed: 0 },
    on: {
      ItemAdded: (event, view) => ({
        total: { $add: [view.total, worth(event)] },
        owed: { $add: [view.owed, worth(event)] },
      }),
      PaymentReceived: ({ data }, view) => ({
        paid: { $add: [view.paid, data.amount] },
        owed: { $subtract: [view.owed, data.amount] },
      }),
    },
  }),
  defineProjection<{ events: number; lastType?: string; lastSeen?: Date }, OrderEvent>({
    name: "activity",
    into: into("activity"),
    initial: { events: 0 },
    on: { "*": ({ type, time }, view) => ({ events: { $add: [view.events, 1] }, lastType: type, lastSeen: time }) },
  }),
  defineProjection<{ spent: number; orders: number; items: number }, OrderEvent>({
    name: "buyers",
    into: into("buyers"),
    key: ({ data }) => data.customerId,
    initial: { spent: 0, orders: 0, items: 0 },
    on: {
      OrderPlaced: (_, view) => ({ orders: { $add: [view.orders, 1] } }),
      ItemAdded: ({ data }, view) => ({ items: { $add: [view.items, data.quantity] } }),
      PaymentReceived: ({ data }, view) => ({ spent: { $add: [view.spent, data.amount] } }),
    },
  }),
  salesBy("products", ({ data }) => (data as Added["data"]).sku),
  salesBy("minutes", ({ time }) => ({ $dateTrunc: { date: time, unit: "minute" } })),
  salesBy("customer_sales", ({ data }) => data.customerId),
];
