import { setTimeout as sleep } from "node:timers/promises";
import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Broker } from "../../src/engine/kafka/broker.ts";
import { createMemoryBroker } from "../../src/engine/kafka/memory-broker.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { defineProjection } from "../../src/index.ts";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { startReplicaSet, type ReplicaSet } from "../support/replica-set.ts";
import { connectionsWith } from "./kafka/support.ts";
import { dlq, eventsOf, freshName } from "./support.ts";

/** Events and checkpoints are on one cluster, what is written or looked up on another, which fails. */
let own: TestDatabase;
let other: ReplicaSet;
let client: MongoClient;
/** As an operator has it, who is not the engine: its commands are not those that fail. */
let operator: MongoClient;
beforeAll(async () => {
  own = await connectMongod();
  other = await startReplicaSet({ failPoints: true });
  client = await new MongoClient(other.uri, { appName: "engine" }).connect();
  operator = await new MongoClient(other.uri).connect();
});
afterAll(async () => {
  await client.close();
  await operator.close();
  await other[Symbol.asyncDispose]();
  await own.close();
});

async function start(definition: Definition, bus?: Broker): Promise<Engine> {
  const [events, domain] = [
    { name: "events", client: own.client },
    { name: "domain", client },
  ];
  const engine = await startEngine([definition], {
    cluster: (name) => (name === "domain" ? domain : events),
    checkpoints: { cluster: events, db: own.db },
    checkpointIntervalMs: 50,
    ...(bus && { connections: connectionsWith(bus) }),
  });
  onTestFinished(() => engine.stop());
  return engine;
}

/** Commands of the engine on the other cluster fail, until switched off. */
async function failing(failCommands: readonly string[], how: Document): Promise<void> {
  onTestFinished(async () => {
    await works();
  });
  const data = { failCommands, appName: "engine", ...how };
  await operator.db("admin").command({ configureFailPoint: "failCommand", mode: "alwaysOn", data });
}

/** @returns how many commands have failed so far */
async function works(): Promise<number> {
  const { count } = await operator.db("admin").command({ configureFailPoint: "failCommand", mode: "off" });
  return Number(count);
}

/** It stands for election again at once, being the only member. */
async function stepDown(): Promise<void> {
  const command = { replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force: true };
  await operator
    .db("admin")
    .command(command)
    .catch(() => undefined);
}

const keys = 7;

/** A guarded projection that counts and adds up the events of each stream. */
function counting(name: string, coll: string): Definition {
  const value = defineProjection<{ n: number; sum: number }, { type: "Added"; data: { amount: number } }>({
    name,
    into: { connectionName: "domain", db: "shop", coll: name },
    initial: { n: 0, sum: 0 },
    on: { Added: ({ data }, view) => ({ n: { $add: [view.n, 1] }, sum: { $add: [view.sum, data.amount] } }) },
  });
  const envelope = { id: "_id", stream: "streamId", version: "version", type: "type", time: "at", data: "data" };
  const events = { connectionName: "events", db: own.db, coll, envelope };
  const { definition } = compileProjection(value, { events, at: () => undefined });
  if (definition === undefined) throw new Error("does not compile");
  return { ...definition, options: dlq(own.db, `${name}_dlq`) };
}

/** Writes so many events, each the next of its stream. */
async function write(coll: string, from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => {
    const at = from + index;
    return { streamId: `s${at % keys}`, version: Math.floor(at / keys) + 1, type: "Added", data: { amount: at } };
  });
  await own.client.db(own.db).collection<Document>(coll).insertMany(events);
}

/** The read models are the fold of the events: nothing is lost, and nothing there twice. */
async function expectFold(name: string, count: number): Promise<void> {
  const found = await operator
    .db("shop")
    .collection(name)
    .find({}, { sort: { _id: 1 } })
    .toArray();
  const wanted = Array.from({ length: keys }, (_, key) => {
    const amounts = Array.from({ length: count }, (__, at) => at).filter((at) => at % keys === key);
    return { _id: `s${key}`, n: amounts.length, sum: amounts.reduce((sum, amount) => sum + amount, 0) };
  });
  expect(found.map(({ _id, n, sum }) => ({ _id: String(_id), n, sum }))).toEqual(wanted);
}

async function expectGoesOn(engine: Engine, input: number): Promise<void> {
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  expect(engine.stats()).toMatchObject([{ state: "STARTED", deadLetters: 0, input }]);
}

describe("a sink that fails and recovers", () => {
  const steppedDown = { errorCode: 189 };
  const shuttingDown = { errorCode: 91 };
  test.each<[string, Document]>([
    ["that has no primary for a while", steppedDown],
    ["that shuts down", shuttingDown],
    ["that breaks connections off", { closeConnection: true }],
    ["that has written and says that it failed", { writeConcernError: { code: 91, errmsg: "shutting down" } }],
  ])("%s: nothing is lost or doubled, and the processor goes on by itself", async (_, how) => {
    const name = freshName();
    const engine = await start(counting(name, `${name}_events`));
    await write(`${name}_events`, 0, 700);
    await engine.caughtUp();
    await failing(["update", "insert", "bulkWrite", "aggregate"], how);
    for (let wave = 1; wave < 4; wave += 1) {
      await write(`${name}_events`, wave * 700, 700);
      await sleep(250);
    }
    expect(engine.stats()[0]).toMatchObject({ state: "STARTED" });
    expect(await works()).toBeGreaterThan(0);
    await write(`${name}_events`, 2800, 700);
    await expectGoesOn(engine, 3500);
    await expectFold(name, 3500);
  });

  test("whose primary steps down again and again", async () => {
    const name = freshName();
    const engine = await start(counting(name, `${name}_events`));
    for (let wave = 0; wave < 4; wave += 1) {
      await write(`${name}_events`, wave * 1400, 700);
      const writing = write(`${name}_events`, wave * 1400 + 700, 700);
      await stepDown();
      await writing;
    }
    await expectGoesOn(engine, 5600);
    await expectFold(name, 5600);
  });

  test("killed while its sink fails, it goes on at the next start", async () => {
    const name = freshName();
    const definition = counting(name, `${name}_events`);
    const first = await start(definition);
    await write(`${name}_events`, 0, 700);
    await first.caughtUp();
    await failing(["update", "insert", "bulkWrite", "aggregate"], { writeConcernError: { code: 91, errmsg: "down" } });
    await write(`${name}_events`, 700, 700);
    await sleep(250);
    await first.kill();
    expect(await works()).toBeGreaterThan(0);
    const second = await start(definition);
    await second.caughtUp();
    expect(second.stats()).toMatchObject([{ state: "STARTED", deadLetters: 0 }]);
    await expectFold(name, 1400);
  });

  test("a topic whose brokers are away for a while gets each document, in order", async () => {
    const name = freshName();
    const broker = createMemoryBroker({ now: () => 1000 });
    let refusals = 0;
    let isAway = true;
    const bus: Broker = {
      ...broker,
      produce: async (messages, options) => {
        if (!isAway) return broker.produce(messages, options);
        refusals += 1;
        throw new AspError("ASP5120", "the brokers do not answer", { retryable: true });
      },
    };
    const source = eventsOf(own.db, `${name}_events`);
    const engine = await start({ name, pipeline: [source, { $emit: { connectionName: "bus", topic: name } }] }, bus);
    await write(`${name}_events`, 0, 700);
    await expect.poll(() => refusals).toBeGreaterThan(2);
    expect(engine.stats()[0]).toMatchObject({ state: "STARTED" });
    isAway = false;
    await expectGoesOn(engine, 700);
    const amounts = broker
      .messages(name)
      .map(({ value }): number => JSON.parse(String(Buffer.from(value ?? []))).data.amount);
    expect(amounts).toEqual(Array.from({ length: 700 }, (_, at) => at));
  });
});

describe("a look-up target that changes under way", () => {
  const joined = (name: string): Definition => ({
    name,
    pipeline: [
      eventsOf(own.db, `${name}_events`),
      {
        $lookup: {
          from: { connectionName: "domain", db: "shop", coll: `${name}_prices` },
          localField: "streamId",
          foreignField: "_id",
          as: "found",
        },
      },
      { $project: { amount: "$data.amount", prices: "$found.price" } },
      { $merge: { into: { connectionName: "events", db: own.db, coll: name } } },
    ],
    options: dlq(own.db, `${name}_dlq`),
  });

  const price = (name: string, value: number): Promise<unknown> =>
    operator
      .db("shop")
      .collection<{ _id: string; price: number }>(`${name}_prices`)
      .bulkWrite(
        Array.from({ length: keys }, (_, key) => ({
          replaceOne: { filter: { _id: `s${key}` }, replacement: { price: value }, upsert: true },
        })),
      );

  const found = async (
    name: string,
  ): Promise<readonly { readonly amount: number; readonly prices: readonly number[] }[]> =>
    own.client
      .db(own.db)
      .collection<{ amount: number; prices: number[] }>(name)
      .find({}, { sort: { amount: 1 } })
      .toArray();

  test("each document has what was there when it came, and none is older than what one before it saw", async () => {
    const name = freshName();
    await price(name, 0);
    const engine = await start(joined(name));
    for (let round = 0; round < 6; round += 1) {
      await write(`${name}_events`, round * 400, 300);
      const writing = write(`${name}_events`, round * 400 + 300, 100);
      await price(name, round + 1);
      await writing;
    }
    await write(`${name}_events`, 2400, keys);
    await expectGoesOn(engine, 2400 + keys);
    const documents = await found(name);
    expect(documents.map(({ amount }) => amount)).toEqual(Array.from({ length: 2400 + keys }, (_, at) => at));
    expect(documents.every(({ prices }) => prices.length === 1)).toBe(true);
    const seen = Array.from({ length: keys }, (_, key) =>
      documents.filter(({ amount }) => amount % keys === key).map(({ prices }) => prices[0] ?? -1),
    );
    for (const prices of seen) expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    expect(seen.map((prices) => prices.at(-1))).toEqual(Array.from({ length: keys }, () => 6));
  });

  test("that is dropped gives nothing, until it is there again; no document is lost", async () => {
    const name = freshName();
    await price(name, 1);
    const engine = await start(joined(name));
    await write(`${name}_events`, 0, 70);
    await engine.caughtUp();
    await operator.db("shop").collection(`${name}_prices`).drop();
    await write(`${name}_events`, 70, 70);
    await engine.caughtUp();
    await price(name, 2);
    await write(`${name}_events`, 140, 70);
    await expectGoesOn(engine, 210);
    const prices = (await found(name)).map((document) => document.prices);
    const times = (value: readonly number[]): readonly (readonly number[])[] => Array.from({ length: 70 }, () => value);
    expect(prices).toEqual([...times([1]), ...times([]), ...times([2])]);
  });

  test("whose primary steps down, or which does not answer, makes no dead letters: it is asked again", async () => {
    const name = freshName();
    await price(name, 1);
    const engine = await start(joined(name));
    for (let round = 0; round < 3; round += 1) {
      await write(`${name}_events`, round * 140, 70);
      const writing = write(`${name}_events`, round * 140 + 70, 70);
      await stepDown();
      await writing;
    }
    await engine.caughtUp();
    await failing(["aggregate"], { closeConnection: true });
    await write(`${name}_events`, 420, 70);
    await sleep(250);
    expect(await works()).toBeGreaterThan(0);
    await expectGoesOn(engine, 490);
    expect((await found(name)).map(({ prices }) => prices)).toEqual(Array.from({ length: 490 }, () => [1]));
  });
});
