import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memberAddress } from "../../../src/engine/member-address.ts";
import { startEngine } from "../../../src/engine/start-engine.ts";
import type { Cluster } from "../../../src/engine/engine.ts";
import { withMongod } from "../../support/mongod.ts";
import { startReplicaSet, type ReplicaSet } from "../../support/replica-set.ts";
import { freshName, mergeInto, run } from "../support.ts";
import { changeStreamsOf } from "../change-streams-of.ts";

let set: ReplicaSet;
let client: MongoClient;
const members = new Map<string, MongoClient>();
const member = async (host: string): Promise<MongoClient> => {
  const found = members.get(host) ?? new MongoClient(memberAddress(set.uri, host));
  members.set(host, found);
  return found.connect();
};
beforeAll(async () => {
  set = await startReplicaSet({ members: 2 });
  client = await new MongoClient(set.uri).connect();
});
afterAll(async () => {
  await Promise.all([client, ...members.values()].map((each) => each.close()));
  await set[Symbol.asyncDispose]();
});

const db = "shop";
const reading = (coll: string, more: Document) => ({
  name: `${coll}_out`,
  pipeline: [
    { $source: { connectionName: "c", db, coll, config: { fullDocumentOnly: true }, ...more } },
    mergeInto(db, `${coll}_out`),
  ],
});

/** The change streams that a member has open on a collection. */
const streamsAt = async (host: string, coll: string): Promise<number> =>
  (await changeStreamsOf(await member(host), coll)).size;

test.each([
  ["primary", undefined, [1, 0]],
  ["secondary", undefined, [0, 1]],
  ["secondaryPreferred", [{ n: "1" }], [0, 1]],
  ["nearest", [{ n: "1" }], [0, 1]],
  ["secondaryPreferred", [{ n: "7" }], [1, 0]],
] as const)("a source that prefers %s, tags %j, is read there", async (readPreference, tags, expected) => {
  const coll = freshName();
  const cluster: Cluster = { name: "c", client, member };
  const events = client.db(db).collection<Document>(coll);
  await events.insertMany(
    [1, 2].map((_id) => ({ _id: _id as never })),
    { writeConcern: { w: 2 } },
  );
  // A client that has just heard nothing of the secondary would rightly fall back on the primary.
  await client.db("admin").command({ ping: 1 }, { readPreference: "secondary" });
  const tagged = tags === undefined ? {} : { readPreferenceTags: tags };
  const definition = reading(coll, { readPreference, ...tagged, initialSync: { enable: true } });
  const engine = await startEngine([definition], { cluster: () => cluster, checkpoints: { cluster, db } });
  try {
    await engine.caughtUp();
    await events.insertOne({ _id: 3 as never });
    await engine.caughtUp();
    expect(engine.stats()[0]?.error).toBeUndefined();
    expect(await client.db(db).collection(`${coll}_out`).countDocuments()).toBe(3);
    // One that was opened anew is still there for a moment.
    await expect.poll(() => Promise.all(set.hosts.map((host) => streamsAt(host, coll)))).toEqual(expected);
  } finally {
    await engine.stop();
  }
});

test.each([
  ["a secondary", { readPreference: "secondary" }],
  ["one with tags", { readPreference: "nearest", readPreferenceTags: [{ region: "elsewhere" }] }],
])("a set of one member is read whatever the processor prefers: %s", async (_, preference) => {
  const mongod = await withMongod();
  const [coll, out] = [freshName(), freshName()];
  const $source = {
    connectionName: "c",
    db: mongod.db,
    coll,
    ...preference,
    config: { fullDocumentOnly: true },
  };
  const engine = await run(mongod, [{ name: out, pipeline: [{ $source }, mergeInto(mongod.db, out)] }]);
  await mongod.client
    .db(mongod.db)
    .collection<Document>(coll)
    .insertOne({ _id: 1 as never });
  await engine.caughtUp();
  expect(engine.stats()[0]).toMatchObject({ state: "STARTED", output: 1 });
});
