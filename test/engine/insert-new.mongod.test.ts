import { serialize, Timestamp, type Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planProcessor } from "../../src/engine/core/plan.ts";
import type { MergePlan } from "../../src/engine/core/plan-sink.ts";
import { createMergeSink } from "../../src/engine/sinks/merge.ts";
import type { SinkRefusal } from "../../src/engine/sinks/sink.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { freshName, mergeInto, stored, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Written {
  readonly left: readonly Document[];
  /** To the byte. */
  readonly bytes: readonly string[];
  /** Of each batch. */
  readonly refusals: readonly (readonly SinkRefusal[])[];
}

/** Writes batches of documents, each as one write of a sink, over what is stored before. */
async function write(
  joins: boolean,
  merge: Document,
  before: readonly Document[],
  ...batches: readonly (readonly Document[])[]
): Promise<Written> {
  const { client, db } = mongod;
  const coll = freshName();
  const plan = planProcessor({ name: coll, pipeline: [{ $source: { documents: [] } }, mergeInto(db, coll, merge)] });
  const cluster = { name: "c", client };
  const sink = createMergeSink(plan.sink as MergePlan, { cluster, joins, signal: new AbortController().signal });
  if (before.length > 0)
    await client
      .db(db)
      .collection(coll)
      .insertMany([...before]);
  const refusals: (readonly SinkRefusal[])[] = [];
  for (const documents of batches) {
    const targets = documents.map((document, index) => ({ document: serialize(document), index }));
    refusals.push(await sink.write(sink.resolve(targets)));
  }
  return { left: await stored(client, db, coll), bytes: await storedBytes(client, db, coll), refusals };
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
  expect(joined.refusals).toEqual([[]]);
});

test("a new document that an insert refuses is refused once, and the others are written", async () => {
  const odd = documents.map((document, at) => (at === 77 ? { ...document, _id: { $bad: 1 } } : document));
  const { left, refusals } = await write(true, { whenMatched: log }, [], odd);
  expect(left).toHaveLength(keys);
  expect(refusals).toEqual([[{ position: 77, reason: expect.stringMatching(/\$bad/) }]]);
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

test("odd documents and those that fail over a stored one are written and refused as one by one, batch after batch", async () => {
  const counting = [
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
  const joined = await write(true, { whenMatched: counting }, [], ...batches);
  expect(joined).toEqual(await write(false, { whenMatched: counting }, [], ...batches));
  expect(joined.left.length).toBeGreaterThan(5);
});
