import { afterAll, beforeAll, expect, test } from "vitest";
import type { Document } from "bson";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { eventsOf, freshName, mergeInto, run, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const config = { pipeline: [{ $match: { operationType: "insert" } }] };
/** `$divide` fails for events whose `by` is 0 or a text. */
const share = { $replaceWith: { _id: "$_id", share: { $divide: ["$total", "$by"] }, at: "$at" } };

async function runOver(
  stages: readonly Document[],
  events: readonly Document[],
): Promise<{ readonly documents: readonly Document[]; readonly letters: readonly Document[] }> {
  const { client, db } = mongod;
  const [source, sink, dlq] = [freshName(), freshName(), freshName()];
  const definition = {
    name: `p_${sink}`,
    pipeline: [eventsOf(db, source, config), ...stages, mergeInto(db, sink)],
    options: { dlq: { connectionName: "c", db, coll: dlq } },
  };
  const engine = await run(mongod, [definition]);
  await client
    .db(db)
    .collection(source)
    .insertMany([...events]);
  await engine.caughtUp();
  const documents = await client
    .db(db)
    .collection(sink)
    .find({}, { sort: { _id: 1 } })
    .toArray();
  const letters = await client
    .db(db)
    .collection(dlq)
    .find({}, { sort: { "doc._id": 1 } })
    .toArray();
  const [stats] = engine.stats();
  expect(stats).toMatchObject({ state: "STARTED", input: events.length, deadLetters: letters.length });
  return { documents, letters };
}

test("events that fail in a change stream that runs the stages become dead letters, and the others go on", async () => {
  const events = Array.from({ length: 300 }, (_, at) => ({
    _id: at as never,
    total: at,
    by: at % 50 === 7 ? 0 : 2,
    at,
  }));
  const { documents, letters } = await runOver([share], events);
  expect(documents).toEqual(events.filter(({ by }) => by !== 0).map(({ _id, at }) => ({ _id, share: at / 2, at })));
  expect(
    letters.map(({ doc, operatorName, errInfo, _stream_meta }) => ({ doc, operatorName, errInfo, _stream_meta })),
  ).toEqual(
    events
      .filter(({ by }) => by === 0)
      .map((doc) => ({
        doc,
        operatorName: "$replaceWith",
        errInfo: { reason: expect.stringMatching(/divide by zero/i) },
        _stream_meta: { source: expect.objectContaining({ type: "atlas", operationType: "insert" }) },
      })),
  );
});

test("what a change stream makes of events is what the stages make of them", async () => {
  const events = [
    { _id: "a" as never, total: 1, by: 2, at: { 10: 1, 9: 2 } },
    { _id: "b" as never, total: 2.5, by: 2, at: null },
    { _id: "c" as never, total: 3, by: 2 },
    { _id: "d" as never, total: null, by: 2, at: ["x"] },
  ];
  // `$match` of everything keeps the stages out of the change stream.
  const pushed = await runOver([share, { $unset: ["gone"] }], events);
  const sent = await runOver([{ $match: {} }, share, { $unset: ["gone"] }], events);
  expect(pushed.documents).toHaveLength(4);
  expect(pushed.documents).toEqual(sent.documents);
});

test("a document that the sink refuses is traced to its event, whoever ran the stages", async () => {
  const { documents, letters } = await runOver(
    [{ $replaceWith: { _id: "$key", at: "$at" } }],
    [
      { _id: 1 as never, key: "a", at: 1 },
      { _id: 2 as never, key: null, at: 2 },
      { _id: 3 as never, key: "b", at: 3 },
    ],
  );
  expect(documents.map(({ _id }) => _id)).toEqual(["a", "b"]);
  expect(letters).toMatchObject([
    { operatorName: "$merge", doc: { _id: null, at: 2 }, _stream_meta: { source: { documentKey: { _id: 2 } } } },
  ]);
});

/** `total` by customer, of payments only; fails where `by` is 0. */
const shares = [
  { $replaceWith: { _id: "$names", share: { $divide: ["$total", "$by"] } } },
  { $unwind: "$_id" },
  { $replaceWith: { _id: "$_id", share: "$share" } },
];
/** Never fails. */
const seen = [{ $replaceWith: { _id: "$_id", type: "$type" } }];
const of = (...types: readonly string[]): Document => ({
  pipeline: [{ $match: { operationType: "insert", "fullDocument.type": { $in: types } } }],
});

interface Together {
  readonly sinks: readonly string[];
  readonly dlq: string;
  readonly source: string;
  readonly definitions: readonly Definition[];
}

/** Two processors of one source with filters of their own; `first` stands before the stages of both. */
function together(first: readonly Document[] = []): Together {
  const { db } = mongod;
  const [source, one, two, letters] = [freshName(), freshName(), freshName(), freshName()];
  const define = (sink: string, filter: Document, stages: readonly Document[]): Definition => ({
    name: `p_${sink}`,
    pipeline: [eventsOf(db, source, filter), ...first, ...stages, mergeInto(db, sink)],
    options: { dlq: { connectionName: "c", db, coll: letters } },
  });
  const definitions = [define(one, of("paid"), shares), define(two, of("paid", "placed"), seen)];
  return { sinks: [one, two], dlq: letters, source, definitions };
}

const paid = Array.from({ length: 200 }, (_, at) => ({
  _id: at as never,
  type: at % 3 === 0 ? ["paid", "x"] : at % 3 === 1 ? "placed" : "paid",
  names: at % 5 === 0 ? [] : at % 5 === 1 ? at : at % 5 === 2 ? null : [at, `n${at}`],
  total: at,
  by: at % 50 === 9 ? 0 : 2,
}));

async function insert(coll: string, documents: readonly Document[]): Promise<void> {
  await mongod.client
    .db(mongod.db)
    .collection(coll)
    .insertMany([...documents]);
}

const readModels = ({ sinks }: Together): Promise<readonly (readonly string[])[]> =>
  Promise.all(sinks.map((sink) => storedBytes(mongod.client, mongod.db, sink)));

test("processors that share a change stream make the same of events whoever runs their stages", async () => {
  const pushed = together();
  // `$match` of everything keeps the stages of all out of the change stream.
  const sent = together([{ $match: {} }]);
  for (const each of [pushed, sent]) {
    const engine = await run(mongod, each.definitions);
    await insert(each.source, paid);
    await engine.caughtUp();
    expect(engine.stats().map(({ input }) => input)).toEqual([133, 200]);
    expect(engine.stats().every(({ state }) => state === "STARTED")).toBe(true);
  }
  const models = await readModels(pushed);
  expect(models[0]?.length).toBeGreaterThan(50);
  expect(models[1]).toHaveLength(200);
  expect(models).toEqual(await readModels(sent));
});

test("an event that fails in the stages of one processor is a dead letter of that one only", async () => {
  const shared = together();
  const engine = await run(mongod, shared.definitions);
  await insert(shared.source, paid);
  await engine.caughtUp();
  const failing = paid.filter(({ by, type }) => by === 0 && type !== "placed");
  expect(failing.length).toBeGreaterThan(0);
  expect(engine.stats().map(({ deadLetters }) => deadLetters)).toEqual([failing.length, 0]);
  const letters = await mongod.client
    .db(mongod.db)
    .collection(shared.dlq)
    .find({}, { sort: { "doc._id": 1 } })
    .toArray();
  expect(letters.map(({ doc, processorName }) => ({ doc, processorName }))).toEqual(
    failing.map((doc) => ({ doc, processorName: shared.definitions[0]?.name })),
  );
});

test("a processor that joins later and one that continues from further back get what is theirs, once", async () => {
  const shared = together();
  const [first, second] = shared.definitions;
  if (first === undefined || second === undefined) throw new Error("there are two");
  const alone = await run(mongod, [first]);
  await insert(shared.source, paid.slice(0, 50));
  await alone.caughtUp();
  await alone.stop();
  // The second begins now, the first where it stopped.
  const late = await run(mongod, [second]);
  await late.stop();
  await insert(shared.source, paid.slice(50, 120));
  const both = await run(mongod, [second]);
  await both.caughtUp();
  await both.stop();
  const engine = await run(mongod, shared.definitions);
  await insert(shared.source, paid.slice(120));
  await engine.caughtUp();
  const isFor = (types: readonly string[]) => (event: (typeof paid)[number]) =>
    [event.type].flat().some((type) => types.includes(type));
  expect(engine.stats().map(({ input }) => input)).toEqual([
    paid.slice(50).filter(isFor(["paid"])).length,
    paid.slice(120).filter(isFor(["paid", "placed"])).length,
  ]);
  const [shares1, seen2] = await readModels(shared);
  expect(seen2).toHaveLength(150);
  const whole = together();
  const engineOfWhole = await run(mongod, whole.definitions);
  await insert(whole.source, paid);
  await engineOfWhole.caughtUp();
  expect(shares1).toEqual((await readModels(whole))[0]);
});

test("stages that are nested too deep as one expression run one by one", async () => {
  const plusOne = { $replaceWith: { _id: "$_id", n: { $add: ["$n", 1] } } };
  const stages = Array.from({ length: 80 }, () => plusOne);
  const { documents } = await runOver(stages, [{ _id: 1 as never, n: 0 }]);
  expect(documents).toEqual([{ _id: 1, n: 80 }]);
});
