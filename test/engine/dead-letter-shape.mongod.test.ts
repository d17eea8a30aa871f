import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, runToEnd } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const failing = { $set: { b: { $divide: [1, "$a"] } } };

async function lettersIn(coll: string): Promise<readonly Document[]> {
  return mongod.client.db(mongod.db).collection<Document>(coll).find().toArray();
}

// Source: asp-language section 4, "Document shape".
test("a dead letter has the documented fields and no other, in this order", async () => {
  const [coll, letters] = [freshName(), freshName()];
  const before = Date.now();
  const engine = await run(mongod, [
    {
      name: "orders",
      pipeline: [eventsOf(mongod.db, coll), failing, mergeInto(mongod.db, freshName())],
      options: dlq(mongod.db, letters),
    },
  ]);
  await mongod.client
    .db(mongod.db)
    .collection<Document>(coll)
    .insertOne({ _id: 7 as never, a: 0, text: "kept" });
  await engine.caughtUp();
  const [letter = {}, ...others] = await lettersIn(letters);
  expect(others).toEqual([]);
  expect(Object.keys(letter)).toEqual([
    "_id",
    "processorName",
    "dlqTime",
    "operatorName",
    "errInfo",
    "doc",
    "_stream_meta",
  ]);
  expect(letter).toEqual({
    _id: expect.objectContaining({ _bsontype: "ObjectId" }),
    processorName: "orders",
    dlqTime: expect.any(Date),
    operatorName: "$set",
    errInfo: { reason: "can't $divide by zero" },
    doc: { _id: 7, a: 0, text: "kept" },
    _stream_meta: {
      source: {
        type: "atlas",
        ts: expect.any(Date),
        operationType: "insert",
        ns: { db: mongod.db, coll },
        documentKey: { _id: 7 },
      },
    },
  });
  for (const time of [letter["dlqTime"], letter["_stream_meta"].source.ts]) {
    expect(Math.abs(time.getTime() - before)).toBeLessThan(60_000);
  }
});

test('the metadata is what `{$meta: "stream"}` gives where the document failed', async () => {
  const letters = freshName();
  const stages = [{ $setStreamMeta: { "stream.region": "$region" } }, failing];
  const stats = await runToEnd(mongod, [
    {
      name: freshName(),
      pipeline: [{ $source: { documents: [{ a: 0, region: "eu" }] } }, ...stages, mergeInto(mongod.db, freshName())],
      options: dlq(mongod.db, letters),
    },
  ]);
  expect(stats).toMatchObject([{ state: "STOPPED", deadLetters: 1 }]);
  expect((await lettersIn(letters)).map(({ _stream_meta }) => _stream_meta)).toEqual([
    { source: { type: "generated", ts: expect.any(Date) }, region: "eu" },
  ]);
});
