import { Long } from "bson";
import type { Document } from "bson";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import type { TopicMessage } from "../../../src/engine/kafka/broker.ts";
import { createMemoryBroker, type MemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run } from "../support.ts";
import { connectionsWith, fromText } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Emitted {
  readonly engine: Engine;
  readonly broker: MemoryBroker;
  readonly messages: (topic?: string) => readonly TopicMessage[];
  readonly letters: readonly Document[];
}

/** Sends documents through a processor that emits them, to its end. */
async function emit(
  documents: readonly Document[],
  args: Document,
  more: { broker?: MemoryBroker; settings?: Document } = {},
): Promise<Emitted> {
  const broker = more.broker ?? createMemoryBroker({ now: () => 5_000 });
  const name = freshName();
  const pipeline = [{ $source: { documents } }, { $emit: { connectionName: "bus", topic: "out", ...args } }];
  const engine = await run(mongod, [{ name, pipeline, options: dlq(mongod.db, name) }], {
    connections: connectionsWith(broker, { bus: { type: "Kafka", config: more.settings ?? {} } }),
  });
  await engine.ended;
  await engine.stop();
  const letters = await mongod.client.db(mongod.db).collection<Document>(name).find().toArray();
  return { engine, broker, messages: (topic = "out") => broker.messages(topic), letters };
}

test("documents become messages with JSON values and engine time", async () => {
  const { messages, engine } = await emit([{ a: 1, at: new Date(0) }, { b: Long.fromNumber(5) }], {});
  expect(messages().map(({ value, key, timestampMs }) => [fromText(value), key, timestampMs])).toEqual([
    ['{"a":1,"at":{"$date":"1970-01-01T00:00:00Z"}}', undefined, 5_000],
    ['{"b":5}', undefined, 5_000],
  ]);
  expect(engine.stats()[0]).toMatchObject({ input: 2, output: 2, deadLetters: 0 });
});

test("canonical JSON says each type", async () => {
  const { messages } = await emit([{ a: 1 }], { config: { outputFormat: "canonicalJson" } });
  expect(messages().map(({ value }) => fromText(value))).toEqual(['{"a":{"$numberInt":"1"}}']);
});

test("keys are written as `keyFormat` says, equal ones to one partition in order; others are dead letters", async () => {
  const broker = createMemoryBroker({ now: Date.now });
  broker.createTopic("out", 5);
  const documents = Array.from({ length: 60 }, (_, n) => ({ k: `key ${n % 7}`, n }));
  const config = { key: "$k", keyFormat: "string" };
  const { messages, letters } = await emit([...documents, { k: 5, n: -1 }, { n: -2 }], { config }, { broker });
  const byKey = new Map<string, { readonly partitions: Set<number>; readonly order: number[] }>();
  for (const { key, partition, value } of messages()) {
    const own = byKey.get(String(fromText(key))) ?? { partitions: new Set(), order: [] };
    own.partitions.add(partition);
    own.order.push((JSON.parse(String(fromText(value))) as { n: number }).n);
    byKey.set(String(fromText(key)), own);
  }
  expect(byKey.size).toBe(7);
  for (const [key, { partitions, order }] of byKey) {
    expect(partitions.size).toBe(1);
    expect(order).toEqual(documents.filter(({ k }) => k === key).map(({ n }) => n));
  }
  expect(new Set(messages().map(({ partition }) => partition)).size).toBeGreaterThan(1);
  expect(letters.map(({ operatorName, errInfo, doc }) => [operatorName, errInfo.reason, doc.n])).toEqual([
    ["$emit", "the key is an int, `keyFormat` is string", -1],
    ["$emit", "the key is missing, `keyFormat` is string", -2],
  ]);
});

test("headers come from an object, an array or an expression", async () => {
  const document = {
    tenant: "t",
    list: [
      { k: "a", v: "1" },
      { k: "a", v: "2" },
    ],
    bad: { at: new Date(0) },
  };
  const of = async (headers: unknown): Promise<unknown> => {
    const { messages, letters } = await emit([document], { config: { headers } });
    const reasons = letters.map(({ errInfo }) => errInfo.reason as string);
    return [
      ...messages().flatMap((message) => message.headers.map(({ key, value }) => [key, fromText(value)])),
      ...reasons,
    ];
  };
  expect(await of({ tenant: "$tenant", fixed: "x" })).toEqual([
    ["tenant", "t"],
    ["fixed", "x"],
  ]);
  expect(await of([{ k: "tenant", v: "$tenant" }])).toEqual([["tenant", "t"]]);
  expect(await of("$list")).toEqual([
    ["a", "1"],
    ["a", "2"],
  ]);
  expect(await of("$missing")).toEqual([]);
  expect(await of("$bad")).toEqual(["the header `at` cannot be a date"]);
});

test("a tombstone has no value; a condition that is no bool makes a dead letter", async () => {
  const config = { key: "$_id", keyFormat: "int", tombstoneWhen: "$gone" };
  const { messages, letters } = await emit(
    [{ _id: 1, gone: true }, { _id: 2, gone: false }, { _id: 3, gone: "yes" }, { _id: 4 }],
    { config },
  );
  expect(messages().map(({ key, value }) => [key?.[3], value === null])).toEqual([
    [1, true],
    [2, false],
  ]);
  expect(letters.map(({ errInfo }) => errInfo.reason as string)).toEqual([
    "`config.tombstoneWhen` must evaluate to a bool, found a string",
    "`config.tombstoneWhen` must evaluate to a bool, found missing",
  ]);
});

test.each([
  ["all", undefined, undefined, -1],
  ["all, said as a number", "-1", "1", -1],
  ["the leader", "1", undefined, 1],
  ["nobody", "0", "all", 0],
  ["what the connection says", undefined, "1", 1],
  ["what the connection says, a number", undefined, 0, 0],
  ["all again", "all", 0, -1],
])("acknowledgements of %s are waited for", async (_, acks, ofConnection, expected) => {
  const broker = createMemoryBroker({ now: Date.now });
  const asked: unknown[] = [];
  const heard: MemoryBroker = {
    ...broker,
    produce: (messages, how) => {
      asked.push(how.acks);
      return broker.produce(messages, how);
    },
  };
  const config = acks === undefined ? {} : { acks };
  await emit(
    [{ a: 1 }],
    { config },
    { broker: heard, settings: ofConnection === undefined ? {} : { acks: ofConnection } },
  );
  expect(asked).toEqual([expected]);
});

test("the topic may be an expression; what is no topic makes a dead letter", async () => {
  const documents = [{ to: "a" }, { to: "b" }, { to: 5 }, {}, { to: "no/name" }, { to: "" }];
  const { messages, letters } = await emit(documents, { topic: "$to" });
  expect(["a", "b"].map((topic) => messages(topic).length)).toEqual([1, 1]);
  expect(letters.map(({ errInfo }) => errInfo.reason as string)).toEqual([
    "`topic` must evaluate to a text, found an int",
    "`topic` must evaluate to a text, found missing",
    "$emit write error: `no/name` is not a name that a topic can have",
    "`topic` must evaluate to a text, found an empty one",
  ]);
});

test("an expression that fails makes a dead letter of its document alone", async () => {
  const { messages, letters } = await emit([{ a: 1 }, { a: "x" }, { a: 2 }], {
    topic: { $concat: ["t", { $toString: { $add: ["$a", 1] } }] },
  });
  expect([messages("t2").length, messages("t3").length]).toEqual([1, 1]);
  expect(letters).toMatchObject([{ operatorName: "$emit", doc: { a: "x" } }]);
});

test("more than a thousand topics fail the processor", async () => {
  const documents = Array.from({ length: 1001 }, (_, n) => ({ to: `t${n}` }));
  const { engine } = await emit(documents, { topic: "$to" });
  expect(engine.stats()[0]).toMatchObject({ state: "FAILED", error: { code: "ASP5156" } });
});

test("a message that is too large is a dead letter", async () => {
  const broker = createMemoryBroker({ now: Date.now, maxMessageBytes: 100 });
  const { messages, letters } = await emit([{ a: 1 }, { a: "x".repeat(200) }, { a: 2 }], {}, { broker });
  expect(messages().length).toBe(2);
  expect(letters.map(({ errInfo }) => errInfo.reason as string)).toEqual([
    "$emit write error: the message is larger than the 100 bytes that the topic takes",
  ]);
});

test("whoever reads what is still under way has read it when the engine has caught up", async () => {
  const memory = createMemoryBroker({ now: () => 5_000 });
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const broker: MemoryBroker = {
    ...memory,
    produce: async (...sent) => {
      await gate;
      return memory.produce(...sent);
    },
    openReader: () => {
      const reader = memory.openReader();
      return {
        ...reader,
        fetch: async (...asked) => {
          const fetched = await reader.fetch(...asked);
          await sleep(300);
          return fetched;
        },
      };
    },
  };
  const [events, copy] = [freshName(), freshName()];
  const engine = await run(
    mongod,
    [
      { name: "send", pipeline: [eventsOf(mongod.db, events), { $emit: { connectionName: "bus", topic: "out" } }] },
      {
        name: "read",
        pipeline: [
          { $source: { connectionName: "bus", topic: "out", config: { auto_offset_reset: "earliest" } } },
          mergeInto(mongod.db, copy),
        ],
      },
    ],
    { connections: connectionsWith(broker) },
  );
  await mongod.client
    .db(mongod.db)
    .collection<Document>(events)
    .insertOne({ _id: 1 as never });
  await vi.waitFor(() => expect(engine.stats()[0]?.input).toBe(1));
  const caughtUp = engine.caughtUp();
  // Until it has asked how much there is to read.
  await sleep(200);
  open();
  await caughtUp;
  expect(engine.stats()[1]).toMatchObject({ name: "read", input: 1, output: 1 });
});
