import { afterAll, beforeAll, expect, test } from "vitest";
import type { Document } from "bson";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { eventsOf, freshName, mergeInto, run } from "./support.ts";

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
