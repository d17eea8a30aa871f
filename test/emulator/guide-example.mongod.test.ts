import { readFileSync } from "node:fs";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { startEmulator } from "../../src/testing/index.ts";

// From here on to the next test it is the example of docs/guide/emulator.md, word for word.
const pipeline = [
  { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
  { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } },
];

test("orders arrive", async () => {
  await using emulator = await startEmulator({ config: "atlas.config.yaml" });
  await using workspace = await new MongoClient(emulator.wire).connect();
  await using cluster = await new MongoClient(emulator.clusterUri).connect();
  await workspace.db("admin").command({ createStreamProcessor: "orders", pipeline });
  await workspace.db("admin").command({ startStreamProcessor: "orders" });
  const events = cluster.db("shop").collection<{ _id: number; type: string }>("events");
  await events.insertOne({ _id: 1, type: "OrderPlaced" });
  await expect.poll(() => cluster.db("shop").collection("orders").countDocuments()).toBe(1);
});

test("the guide's example is the one above", () => {
  const page = readFileSync(new URL("../../docs/guide/emulator.md", import.meta.url), "utf8");
  const [, example = ""] = /```ts\nimport \{ startEmulator \}[^]*?\n\n([^]*?)```/u.exec(page) ?? [];
  expect(example).toContain("await using emulator");
  expect(readFileSync(new URL(import.meta.url), "utf8")).toContain(example);
});
