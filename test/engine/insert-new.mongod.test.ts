import { serialize, type Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planProcessor } from "../../src/engine/core/plan.ts";
import type { MergePlan } from "../../src/engine/core/plan-sink.ts";
import { createMergeSink } from "../../src/engine/sinks/merge.ts";
import type { SinkRefusal } from "../../src/engine/sinks/sink.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { freshName, mergeInto, stored } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Writes documents as one write of a sink does, over what is stored before. */
async function write(
  joins: boolean,
  merge: Document,
  before: readonly Document[],
  documents: readonly Document[],
): Promise<{ readonly left: readonly Document[]; readonly refusals: readonly SinkRefusal[] }> {
  const { client, db } = mongod;
  const coll = freshName();
  const plan = planProcessor({ name: coll, pipeline: [{ $source: { documents: [] } }, mergeInto(db, coll, merge)] });
  const cluster = { name: "c", client };
  const sink = createMergeSink(plan.sink as MergePlan, { cluster, joins, writeConcern: { w: 1 } });
  if (before.length > 0)
    await client
      .db(db)
      .collection(coll)
      .insertMany([...before]);
  const targets = sink.resolve(documents.map((document) => ({ document: serialize(document), index: undefined })));
  const refusals = await sink.write(targets);
  return { left: await stored(client, db, coll), refusals };
}

const keys = 200;
const log = [{ $replaceWith: { $mergeObjects: ["$$ROOT", { log: { $concatArrays: ["$log", "$$new.log"] } }] } }];
/** Three documents of each key, the keys in turn. */
const documents = Array.from({ length: 3 * keys }, (_, at) => ({ _id: `k${at % keys}`, log: [at] }));
const every = (step: number): readonly Document[] =>
  Array.from({ length: keys / step }, (_, at) => ({ _id: `k${at * step}`, log: [-1] }));

test.each<[string, Document, readonly Document[]]>([
  ["none is stored", { whenMatched: log }, []],
  ["some are stored", { whenMatched: log }, every(2)],
  ["all are stored", { whenMatched: log }, every(1)],
  ["those that are stored stay", { whenMatched: "keepExisting" }, every(2)],
  ["new ones are discarded", { whenMatched: log, whenNotMatched: "discard" }, every(2)],
  ["those that are stored go", { whenMatched: "delete" }, every(2)],
])("many keys at once end as one by one where %s", async (_what, merge, before) => {
  const joined = await write(true, merge, before, documents);
  const single = await write(false, merge, before, documents);
  expect(joined).toEqual(single);
  expect(joined.refusals).toEqual([]);
});

test("a new document that an insert refuses is refused once, and the others are written", async () => {
  const odd = documents.map((document, at) => (at === 77 ? { ...document, _id: { $bad: 1 } } : document));
  const { left, refusals } = await write(true, { whenMatched: log }, [], odd);
  expect(left).toHaveLength(keys);
  expect(refusals).toEqual([{ position: 77, reason: expect.stringMatching(/\$bad/) }]);
  const found = left.find(({ _id }) => _id === "k77");
  expect(found?.["log"].map(Number)).toEqual([77 + keys, 77 + 2 * keys]);
});

test("keys that are documents or of several number types are told apart as the server does", async () => {
  const several = Array.from({ length: 120 }, (_, at) => ({ _id: at % 2 === 0 ? { n: at % 40 } : at % 40, log: [at] }));
  const joined = await write(true, { whenMatched: log }, [], several);
  const single = await write(false, { whenMatched: log }, [], several);
  expect(joined).toEqual(single);
  expect(joined.left).toHaveLength(40);
});
