import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Writes a project with a `version` and a `position` projection over `db`.events on the cluster at `uri`. */
export function writeProject(uri: string, db: string): string {
  const dir = mkdtempSync(join(tmpdir(), "asp-kill-"));
  mkdirSync(join(dir, "pipelines"));
  const connection = JSON.stringify({ type: "Cluster", uri });
  writeFileSync(
    join(dir, "atlas.config.yaml"),
    [
      `events: { connectionName: shop, db: ${db}, coll: events }`,
      "connections: { shop: { type: Cluster } }",
      "environments:",
      "  local:",
      "    target: emulator",
      `    checkpoints: { db: ${db} }`,
      `    connections: { shop: ${connection} }`,
      "",
    ].join("\n"),
  );
  writeFileSync(join(dir, "pipelines", "orders.ts"), orders(db));
  writeFileSync(join(dir, "pipelines", "customers.ts"), customers(db));
  return dir;
}

const orders = (db: string): string => `
import { defineProjection, remove } from "asp-toolkit";

type Data = { customerId: string; quantity: number; price: number };
type OrderEvent = { [Type in "OrderPlaced" | "ItemAdded" | "OrderCancelled"]: { type: Type; data: Data } };

export default defineProjection<{ status: string; items: number; total: number; customerId?: string }, OrderEvent[keyof OrderEvent]>({
  name: "orders",
  into: { connectionName: "shop", db: "${db}", coll: "orders" },
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
`;

const customers = (db: string): string => `
import { defineProjection } from "asp-toolkit";

type Data = { customerId: string; quantity: number; price: number };

export default defineProjection<{ events: number; items: number }, { type: "OrderPlaced"; data: Data } | { type: "ItemAdded"; data: Data }>({
  name: "customers",
  into: { connectionName: "shop", db: "${db}", coll: "customers" },
  key: ({ data }) => data.customerId,
  initial: { events: 0, items: 0 },
  on: {
    OrderPlaced: (_event, view) => ({ events: { $add: [view.events, 1] } }),
    ItemAdded: ({ data }, view) => ({ events: { $add: [view.events, 1] }, items: { $add: [view.items, data.quantity] } }),
  },
});
`;
