import { readFile } from "node:fs/promises";
import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { CollectionSpec } from "../../src/config/config.ts";
import { prepareCluster } from "../../src/engine/prepare-collections.ts";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import { startReplicaSet } from "../support/replica-set.ts";
import { events } from "./events.ts";
import { runDeliveries } from "./laws/run-deliveries.ts";
import { orders } from "./orders.ts";

/** The example of docs/guide/projections.md. */
async function documentedIndex(): Promise<readonly CollectionSpec[]> {
  const page = await readFile(new URL("../../docs/guide/projections.md", import.meta.url), "utf8");
  const [, text = ""] = /\*\*A TTL index\*\*[^]*?```yaml\n([^]*?)```/u.exec(page) ?? [];
  return (parse(text) as { readonly collections: readonly CollectionSpec[] }).collections;
}

const happened = (streamId: string, version: number, type: string, occurredAt: unknown): Document => ({
  ...{ streamId, version, type, occurredAt },
  data: { customerId: "c1" },
});

test("the documented TTL index removes old tombstones, and no read model", async () => {
  await using set = await startReplicaSet({ parameters: ["ttlMonitorSleepSecs=1"] });
  await using client = await new MongoClient(set.uri).connect();
  const { definition } = compileProjection(orders, { events, at: () => undefined });
  if (definition === undefined) throw new Error("does not compile");
  // What expires first is removed first: were a read model in the index, it would go before the tombstones.
  const [older, old, recent] = [new Date("2020-01-01"), new Date("2020-01-02"), new Date()];
  const failed = await runDeliveries(client, "shop", definition, [
    happened("live", 1, "OrderPlaced", older),
    happened("removed", 1, "OrderPlaced", older),
    happened("removed", 2, "OrderCancelled", old),
    happened("removed lately", 1, "OrderCancelled", recent),
    happened("reborn", 1, "OrderCancelled", older),
    happened("reborn", 2, "OrderPlaced", older),
    happened("removed at a text", 1, "OrderCancelled", old.toISOString()),
  ]);
  expect(failed).toBe(0);
  const stored = client.db("shop").collection<{ _id: string }>("orders");
  const ids = async (filter: Document = {}): Promise<readonly string[]> => {
    const found = await stored.find(filter, { sort: { _id: 1 } }).toArray();
    return found.map(({ _id }) => _id);
  };
  const before = ["live", "reborn", "removed", "removed at a text", "removed lately"];
  expect(await ids()).toEqual(before);
  expect(await ids({ "_asp.deleted": true })).toEqual(before.slice(2));

  await prepareCluster(client, await documentedIndex(), { databases: {} });
  await expect.poll(() => stored.countDocuments({ _id: "removed" }), { timeout: 30_000 }).toBe(0);
  expect(await ids()).toEqual(["live", "reborn", "removed at a text", "removed lately"]);
});
