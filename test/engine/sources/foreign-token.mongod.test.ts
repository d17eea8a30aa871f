import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto, run } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

test("a processor goes on from an event of another with whom it shared a stream, alone too", async () => {
  const [coll, name] = [freshName(), freshName()];
  const events = mongod.client.db(mongod.db).collection<Document>(coll);
  const pipeline = [{ $match: { operationType: "insert", "fullDocument.type": "A" } }];
  const definition = { name, pipeline: [eventsOf(mongod.db, coll, { pipeline }), mergeInto(mongod.db, name)] };
  const first = await run(mongod, [definition]);
  await first.stop();

  const stream = events.watch();
  await stream.tryNext();
  await mongod.client.withSession((session) =>
    session.withTransaction(async () => {
      const list = ["A", "B", "A"].map((type, _id) => ({ _id: _id as never, type }));
      await events.insertMany(list, { session });
    }),
  );
  await stream.next();
  const { _id: token } = await stream.next();
  await stream.close();
  await mongod.client
    .db(mongod.db)
    .collection<Document>("asp_checkpoints")
    .updateOne({ _id: name as never }, { $set: { "position.token": token } });

  const alone = await run(mongod, [definition]);
  await alone.caughtUp();
  await events.insertOne({ _id: 3 as never, type: "A" });
  await alone.caughtUp();
  expect(alone.stats()[0]?.error).toBeUndefined();
  const found = await mongod.client.db(mongod.db).collection(name).find().sort({ _id: 1 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual([2, 3]);
});
