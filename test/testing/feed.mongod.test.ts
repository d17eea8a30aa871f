import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FixtureError } from "../../src/testing/case/fixture-error.ts";
import { feed } from "../../src/testing/run/feed.ts";
import type { Operation } from "../../src/testing/run/operations.ts";
import { startReplicaSet, type ReplicaSet } from "../support/replica-set.ts";

let set: ReplicaSet;
let client: MongoClient;
beforeAll(async () => {
  set = await startReplicaSet({ failPoints: true });
  client = await new MongoClient(set.uri, { appName: "feed" }).connect();
});
afterAll(async () => {
  await client.close();
  await set[Symbol.asyncDispose]();
});

const nothing = (): Promise<void> => Promise.resolve();

/** What comes of giving two documents. */
async function give(ids: readonly number[]): Promise<unknown> {
  const collection = { db: "shop", coll: "events" };
  const operations = (async function* () {
    for (const [at, _id] of ids.entries()) {
      const given = { document: { _id }, line: at + 1 };
      yield { kind: "insert", collection, file: "events.ndjson", given } satisfies Operation;
    }
  })();
  const waiting = { produce: nothing, caughtUp: nothing, restart: nothing, advance: nothing };
  return feed(operations, { client, toHere: (name) => name, ...waiting }).catch((error: unknown) => error);
}

test("a connection that is cut while documents are given is no document's fault; a duplicate is that of its line", async () => {
  const data = { failCommands: ["insert"], appName: "feed", closeConnection: true };
  await client.db("admin").command({ configureFailPoint: "failCommand", mode: "alwaysOn", data });
  const cut = await give([1, 2]);
  await client.db("admin").command({ configureFailPoint: "failCommand", mode: "off" });
  expect(cut).toBeInstanceOf(Error);
  expect(cut).not.toBeInstanceOf(FixtureError);

  expect(await give([3, 4, 3])).toMatchObject({
    finding: { code: "ASP4117", file: "events.ndjson", line: 3 },
  });
});
