import { afterAll, describe, expect, test } from "vitest";
import ordersProjection from "../../pipelines/orders.ts";
import type { Environment } from "../../src/config/environment.ts";
import { defineProcessor } from "../../src/index.ts";
import { pipelineSpec } from "../../src/testing/index.ts";

const events = { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } };
const halves = defineProcessor({
  name: "halves",
  pipeline: [
    { $source: events },
    { $addFields: { half: { $divide: ["$amount", 2] } } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "halves" }, whenMatched: "replace" } },
  ],
});
const counter = defineProcessor({
  name: "counter",
  pipeline: [
    { $source: events },
    { $project: { _id: "$customer", n: { $literal: 1 } } },
    {
      $merge: {
        into: { connectionName: "domain", db: "shop", coll: "counts" },
        whenMatched: [{ $set: { n: { $add: ["$n", "$$new.n"] } } }],
      },
    },
  ],
});
const kafkaHere: Environment = {
  name: "local",
  target: "emulator",
  databases: {},
  connections: { bus: { type: "Kafka" } },
  collections: [],
  checkpoints: { db: "asp" },
};
const spec = await pipelineSpec(halves);
const counting = await pipelineSpec(counter);

describe("a specification", () => {
  afterAll(() => spec[Symbol.asyncDispose]());

  test("holds", () =>
    spec
      .given([{ _id: 1, amount: 2 }])
      .when([{ _id: 2, amount: 4 }])
      .then({
        "shop.halves": [
          { _id: 2, amount: 4, half: 2 },
          { _id: 1, amount: 2, half: 1 },
        ],
      }));

  test("that does not hold shows the field and both values", async () => {
    const check = spec.when([{ _id: 1, amount: 2 }]).then({ "shop.halves": [{ _id: 1, amount: 2, half: 3 }] });
    await expect(check).rejects.toThrow(
      /straight:\n {2}shop\.halves \{_id: 1\}, written by halves\n +half\n +- expected 3\n +\+ found +\{"\$numberDouble":"1\.0"\}/,
    );
  });

  test("keeps collections of one name in different databases apart", async () => {
    const copies = (db: string) => ({
      name: `copy-${db}`,
      pipeline: [
        { $source: { ...events, db } },
        { $merge: { into: { connectionName: "domain", db: "shop", coll: `copy_${db}` } } },
      ],
    });
    const both = await pipelineSpec([copies("a"), copies("b")], { trials: ["straight"] });
    await both
      .given({ "a.events": [{ _id: 1 }], "b.events": [{ _id: 2 }] })
      .then({ "shop.copy_a": [{ _id: 1 }], "shop.copy_b": [{ _id: 2 }] });
  });

  test("takes messages of topics, given and emitted", async () => {
    const passing = defineProcessor({
      name: "passing",
      pipeline: [
        { $source: { connectionName: "bus", topic: "in" } },
        { $addFields: { seen: true } },
        { $emit: { connectionName: "bus", topic: "out", config: { key: "$id", keyFormat: "string" } } },
      ],
    });
    const topics = await pipelineSpec(passing, { environment: kafkaHere });
    const happened = topics
      .given([{ value: { id: "a", n: 1 } }])
      .when({ "topic.in": [{ value: { id: "a", n: 2 } }, { value: { id: "b" }, partition: 1 }] });
    await happened.then({
      "topic.out": [
        { key: "a", value: { id: "a", n: 1, seen: true } },
        { key: "a", value: { id: "a", n: 2, seen: true } },
        { key: "b", value: { id: "b", seen: true } },
      ],
    });
    const check = happened.then({ "topic.out": [{ key: "a", value: { id: "a", n: 2, seen: true } }] });
    await expect(check).rejects.toThrow(/topic\.out, message 1 of key "a"/);
  });

  test("takes dead letters", async () => {
    const when = spec.when([{ _id: 1, amount: "two" }]);
    await when.thenDeadLetters([{ doc: { _id: 1, amount: "two" }, errInfo: { reason: /divide/ } }]);
    await expect(when.then({ "shop.halves": [] })).rejects.toThrow(
      /dead letter \{_id: 1\}, written by halves\n +is not expected/,
    );
    await when.then({ "shop.halves": [], _dlq: [{ doc: { _id: 1, amount: "two" } }] });
  });

  test("finds a processor that cannot bear redelivery", async () => {
    const check = counting.given([{ customer: "a" }]).when([{ customer: "a" }, { customer: "b" }]);
    await expect(
      check.then({
        "shop.counts": [
          { _id: "a", n: 2 },
          { _id: "b", n: 1 },
        ],
      }),
    ).rejects.toThrow(
      /in trial redelivered:\n {2}shop\.counts \{_id: "a"\}, written by counter\n +n\n +- expected 2\n +\+ found +[34]/,
    );
  });

  test("lets time pass, the same in every trial", async () => {
    const perMinute = await pipelineSpec(
      defineProcessor({
        name: "per-minute",
        pipeline: [
          { $source: events },
          {
            $tumblingWindow: {
              boundary: "processingTime",
              interval: { size: 1, unit: "minute" },
              pipeline: [{ $group: { _id: { $meta: "stream.window.end" }, amount: { $sum: "$amount" } } }],
            },
          },
          { $merge: { into: { connectionName: "domain", db: "shop", coll: "minutes" }, whenMatched: "replace" } },
        ],
      }),
    );
    const first = perMinute.given([{ _id: 1, amount: 2 }]).when([{ _id: 2, amount: 3 }]);
    await first.then({ "shop.minutes": [] });
    const minute = new Date("2000-01-01T00:01:00Z");
    await first
      .advance({ size: 60, unit: "second" })
      .when([{ _id: 3, amount: 10 }])
      .then({ "shop.minutes": [{ _id: minute, amount: 5 }] });
    expect(() => first.advance({ size: 1, unit: "week" } as never)).toThrow("time passes by a duration");
  });

  test("awaited before anything is expected says so", async () => {
    await expect(Promise.resolve(spec.when([{ _id: 1, amount: 2 }]) as unknown)).rejects.toThrow(
      "nothing is expected yet",
    );
  });

  test("of a processor that does not compile shows its findings", async () => {
    const broken = defineProcessor({ name: "broken", pipeline: [{ $source: events }, { $mach: {} }] as never });
    await expect(pipelineSpec(broken)).rejects.toThrow("$mach");
  });

  test("of a projection reads its events where the config says", async () => {
    const orders = await pipelineSpec(ordersProjection, { trials: ["straight", "redelivered"] });
    const event = { streamId: "o1", occurredAt: new Date("2026-01-01T00:00:00Z") };
    await orders
      .given([{ ...event, version: 1, type: "OrderPlaced", data: { customerId: "c1" } }])
      .when([{ ...event, version: 2, type: "ItemAdded", data: { sku: "a", quantity: 2, price: 3 } }])
      .then({
        "shop.orders": [
          { _id: "o1", status: "placed", customerId: "c1", placedAt: event.occurredAt, items: 2, total: 6, paid: 0 },
        ],
      });
  });
});
