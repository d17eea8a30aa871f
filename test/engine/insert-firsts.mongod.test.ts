import { serialize, Timestamp, type Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planProcessor } from "../../src/engine/core/plan.ts";
import type { MergePlan } from "../../src/engine/core/plan-sink.ts";
import { createMergeSink } from "../../src/engine/sinks/merge.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { eventsOf, freshName, mergeInto, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const whenMatched = [
  { $replaceWith: { $mergeObjects: ["$$ROOT", "$$new", { n: { $add: ["$n", { $divide: [1, "$$new.by"] }] } }] } },
];
const batches: readonly (readonly Document[])[] = [
  [{ _id: "a", n: 1, by: 1 }],
  [
    { n: 1, by: 1, _id: "b" },
    { _id: "a", n: 5, by: 2 },
    { _id: "c", n: 1, by: 1, t: new Timestamp({ t: 0, i: 1 }) },
    { _id: "b", n: 7, by: 4 },
    { _id: "d", n: 1, by: 1, $x: 1 },
    { _id: "e", n: 1, by: 1, a: { 10: 1, $y: 2 } },
    { _id: "c", n: 1, by: 0 },
    { _id: "c", n: 1, by: 2 },
    { _id: "f", n: 1, by: 1, z: undefined },
    { _id: { $k: 1 }, n: 1, by: 1 },
  ],
  [
    { _id: "a", n: 1, by: 1 },
    { _id: "b", n: 1, by: 1 },
    { _id: "g", n: 1, by: 1 },
    { _id: "g", n: 1, by: 1 },
  ],
];

/** What a sink stored of the batches and refused. */
async function writeAll(joins: boolean): Promise<{ readonly documents: readonly string[]; readonly refused: unknown }> {
  const coll = freshName();
  const plan = planProcessor({
    name: coll,
    pipeline: [eventsOf(mongod.db, coll), mergeInto(mongod.db, coll, { whenMatched })],
  });
  const cluster = { name: "test", client: mongod.client };
  const sink = createMergeSink(plan.sink as MergePlan, { cluster, joins, writeConcern: { w: 1 } });
  const refused: unknown[] = [];
  for (const batch of batches) {
    refused.push(
      await sink.write(
        sink.resolve(batch.map((document, index) => ({ document: serialize(document), values: undefined, index }))),
      ),
    );
  }
  return { documents: await storedBytes(mongod.client, mongod.db, coll), refused };
}

test("where most keys are new, documents are stored and refused as where each is merged by itself", async () => {
  const joined = await writeAll(true);
  const alone = await writeAll(false);
  expect(joined.documents.length).toBeGreaterThan(5);
  expect(joined).toEqual(alone);
});
