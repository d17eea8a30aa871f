import { MongoClient } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { withMongod } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto, run } from "../support.ts";

test.each([
  [undefined, 250],
  [40, 40],
  [60_000, 250],
])("`maxAwaitTimeMS` of %s has the server wait for %i ms at most", async (maxAwaitTimeMS, expected) => {
  const mongod = await withMongod();
  const client = await new MongoClient(mongod.uri, { monitorCommands: true }).connect();
  onTestFinished(() => client.close());
  const waits: number[] = [];
  client.on("commandStarted", ({ commandName, command }) => {
    if (commandName === "getMore") waits.push(Number(command["maxTimeMS"]));
  });
  const cluster = { name: "watched", client };
  const [coll, out] = [freshName(), freshName()];
  const config = maxAwaitTimeMS === undefined ? {} : { maxAwaitTimeMS };
  await run(mongod, [{ name: out, pipeline: [eventsOf(mongod.db, coll, config), mergeInto(mongod.db, out)] }], {
    cluster: () => cluster,
  });
  // It waits longer and longer while nothing comes.
  const longest = (): number => waits.filter((ms) => ms === expected).length;
  await expect.poll(longest, { timeout: 20_000 }).toBeGreaterThan(2);
  expect(Math.max(...waits)).toBe(expected);
});
