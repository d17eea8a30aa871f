import { defineProjection, remove } from "../../src/index.ts";
import type { ProjectionValue } from "../../src/index.ts";

export interface OrderView {
  status: string;
  customerId: string;
  items: number;
  total: number;
}
export type OrderEvent =
  | { type: "OrderPlaced"; data: { customerId: string } }
  | { type: "ItemAdded"; data: { quantity: number; price: number } }
  | { type: "OrderCancelled"; data: { reason: string } };

/** The projection of DESIGN section 4. */
export const orders: ProjectionValue = defineProjection<OrderView, OrderEvent>({
  name: "orders",
  into: { connectionName: "domain", db: "shop", coll: "orders" },
  initial: { status: "new", items: 0, total: 0 },
  on: {
    OrderPlaced: ({ data }) => ({ status: "placed", customerId: data.customerId }),
    ItemAdded: ({ data }, view) => ({
      items: { $add: [view.items, data.quantity] },
      total: { $add: [view.total, { $multiply: [data.quantity, data.price] }] },
    }),
    OrderCancelled: () => remove(),
  },
});
