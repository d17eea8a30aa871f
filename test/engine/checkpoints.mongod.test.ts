import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProcessorStats } from "../../src/engine/engine.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, hasSplitStage, mergeInto, run } from "./support.ts";
import { changeStreamsOf } from "./change-streams-of.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const collection = (name: string, db = mongod.db) => mongod.client.db(db).collection<Document>(name);
const read = (name: string): Promise<readonly Document[]> =>
  collection(name)
    .find({}, { sort: { _id: 1 } })
    .toArray();
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Not idempotent on purpose: an event that comes twice shows. */
const counting = [{ $replaceWith: { $mergeObjects: ["$$ROOT", { n: { $add: ["$n", 1] } }] } }];
const counter = (name: string, events: string, config: Document = {}) => ({
  name,
  pipeline: [
    eventsOf(mongod.db, events, config),
    { $project: { _id: "$key", n: { $literal: 1 } } },
    mergeInto(mongod.db, name, { whenMatched: counting }),
  ],
});

let next = 0;
function events(count: number, more: (index: number) => Document = () => ({})): Document[] {
  return Array.from({ length: count }, (_, index) => ({ _id: (next += 1) as never, key: index % 7, ...more(index) }));
}

async function total(name: string): Promise<number> {
  return (await read(name)).reduce((sum, { n }) => sum + n, 0);
}

/** Cursors of change streams that this test run has open on a collection. */
const openStreams = async (coll: string): Promise<number> => (await changeStreamsOf(mongod.client, coll)).size;

describe("restarting", () => {
  test("a stopped processor continues where it stopped, each event once", async () => {
    const [name, source] = [freshName(), freshName()];
    const first = await run(mongod, [counter(name, source)]);
    await collection(source).insertMany(events(2500));
    await first.caughtUp();
    await first.stop();
    await collection(source).insertMany(events(1300));
    const second = await run(mongod, [counter(name, source)]);
    await second.caughtUp();
    expect(second.stats()[0]).toMatchObject({ state: "STARTED", input: 1300 });
    expect(await total(name)).toBe(3800);
  });

  test("a processor that is stopped while busy stops soon and continues with exactly what is left", async () => {
    const [name, source] = [freshName(), freshName()];
    await collection(source).insertOne({ _id: "first" as never, key: 0 });
    const first = await run(mongod, [counter(name, source)]);
    const writing = collection(source).insertMany(events(20_000));
    while ((first.stats()[0]?.output ?? 0) === 0) await soon();
    await first.stop();
    await writing;
    const done = await total(name);
    expect(first.stats()[0]).toMatchObject({ state: "STOPPED", output: done });
    const second = await run(mongod, [counter(name, source)]);
    await second.caughtUp();
    expect(second.stats()[0]?.input).toBe(20_000 - done);
    expect(await total(name)).toBe(20_000);
  });

  test("killed again and again while events are written, it loses none and redelivers at most since its checkpoint", async () => {
    const [name, source] = [freshName(), freshName()];
    const seen = {
      name,
      pipeline: [
        eventsOf(mongod.db, source),
        mergeInto(mongod.db, name, { whenMatched: counting, whenNotMatched: "insert" }),
      ],
    };
    let delivered = 0;
    let inserted = 0;
    const first = await run(mongod, [seen], { checkpointIntervalMs: 20 });
    await first.kill();
    for (let round = 0; round < 8; round += 1) {
      const engine = await run(mongod, [seen], { checkpointIntervalMs: round % 2 === 0 ? 0 : 20 });
      const list = events(1500, () => ({ n: 1 }));
      const writing = collection(source).insertMany(list);
      inserted += list.length;
      const enough = round * 200;
      while ((engine.stats()[0]?.output ?? 0) <= enough) await soon();
      const killed = engine.kill();
      await killed;
      const [stats] = engine.stats();
      delivered += stats?.output ?? 0;
      await writing;
    }
    const last = await run(mongod, [seen]);
    await last.caughtUp();
    delivered += last.stats()[0]?.output ?? 0;
    expect(await collection(name).countDocuments()).toBe(inserted);
    // What was killed between its write and its count is written and not counted.
    expect(await total(name)).toBeGreaterThanOrEqual(inserted);
    expect(delivered).toBeGreaterThan(0);
  });

  test("nothing is stored once kill has returned", async () => {
    const [name, source] = [freshName(), freshName()];
    const engine = await run(mongod, [counter(name, source)], { checkpointIntervalMs: 0 });
    void collection(source).insertMany(events(5000));
    while ((engine.stats()[0]?.output ?? 0) === 0) await soon();
    await engine.kill();
    const before = [await read(name), await collection("asp_checkpoints").findOne({ _id: name as never })];
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([await read(name), await collection("asp_checkpoints").findOne({ _id: name as never })]).toEqual(before);
  });

  test("a stop that a slow sink outlasts ends the write: what has begun is all that is still written", async () => {
    const [name, source] = [freshName(), freshName()];
    const copying = { name, pipeline: [eventsOf(mongod.db, source), mergeInto(mongod.db, name)] };
    // Not joined, so one statement each, and two commands at least.
    const engine = await run(mongod, [copying], { eachChange: true });
    const list = events(8000);
    const [first] = list;
    await collection(name).insertOne({ _id: first?.["_id"] as never });
    // The sink waits for this transaction.
    const session = mongod.client.startSession();
    session.startTransaction();
    await collection(name).updateOne({ _id: first?.["_id"] as never }, { $set: { a: 1 } }, { session });
    await collection(source).insertMany(list);
    await expect.poll(() => engine.stats()[0]?.input, { timeout: 20_000 }).toBe(8000);
    await engine.stop();
    const before = await collection("asp_checkpoints").findOne({ _id: name as never });
    await session.abortTransaction();
    await session.endSession();
    // The command that was under way comes to its end.
    await expect.poll(() => collection(name).countDocuments()).toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await collection(name).countDocuments()).toBeLessThanOrEqual(5000);
    expect(await collection("asp_checkpoints").findOne({ _id: name as never })).toEqual(before);
    const second = await run(mongod, [copying]);
    await second.caughtUp();
    expect(await collection(name).countDocuments()).toBe(8000);
  });

  test("an idle processor's checkpoint moves on with the stream", async () => {
    const [name, source] = [freshName(), freshName()];
    const engine = await run(mongod, [counter(name, source, { pipeline: [{ $match: { operationType: "delete" } }] })]);
    const token = async (): Promise<string> =>
      (await collection("asp_checkpoints").findOne({ _id: name as never }))?.["position"].token._data;
    const before = await token();
    await collection(source).insertMany(events(10));
    await engine.caughtUp();
    await engine.stop();
    expect(engine.stats()[0]?.input).toBe(0);
    expect((await token()) > before).toBe(true);
  });

  test("the redelivery trial hands each document to the sink twice", async () => {
    const [name, source] = [freshName(), freshName()];
    const engine = await run(mongod, [counter(name, source)], { faults: { redeliver: true } });
    await collection(source).insertMany(events(50));
    await engine.caughtUp();
    expect(await total(name)).toBe(100);
  });

  test("inline documents are not delivered again", async () => {
    const name = freshName();
    const definition = {
      name,
      pipeline: [
        { $source: { documents: events(30, () => ({ n: 1 })) } },
        mergeInto(mongod.db, name, { whenMatched: counting }),
      ],
    };
    for (let round = 0; round < 2; round += 1) {
      const engine = await run(mongod, [definition]);
      await engine.ended;
      await engine.stop();
    }
    expect(await total(name)).toBe(30);
  });
});

describe("shared tails", () => {
  const filtered = (type: string): Document => ({
    pipeline: [{ $match: { operationType: "insert", "fullDocument.type": type } }],
  });

  test("processors with different filters read one change stream, and each gets its own events once", async () => {
    const source = freshName();
    const names = ["A", "B", "C"].map(() => freshName());
    const definitions = names.map((name, index) => counter(name, source, filtered("ABC"[index] ?? "")));
    const engine = await run(mongod, [...definitions, counter(`${names[0]}all`, source)]);
    expect(await openStreams(source)).toBe(1);
    await collection(source).insertMany(events(3000, (index) => ({ type: "ABCD"[index % 4] })));
    await engine.caughtUp();
    expect(engine.stats().map(({ input }) => input)).toEqual([750, 750, 750, 3000]);
    expect(await Promise.all(names.map(total))).toEqual([750, 750, 750]);
  });

  test("one whose filter says more than texts has a stream of its own", async () => {
    const source = freshName();
    const [one, other] = [freshName(), freshName()];
    const engine = await run(mongod, [
      counter(one, source, filtered("A")),
      counter(other, source, { pipeline: [{ $match: { "fullDocument.key": { $gt: 3 } } }] }),
    ]);
    expect(await openStreams(source)).toBe(2);
    await collection(source).insertMany(events(700, () => ({ type: "A" })));
    await engine.caughtUp();
    expect([await total(one), await total(other)]).toEqual([700, 300]);
  });

  test("processors that start at different places come together, nothing lost and nothing doubled", async () => {
    const source = freshName();
    const [one, two, three] = [freshName(), freshName(), freshName()];
    const first = await run(mongod, [counter(one, source, filtered("A"))]);
    await collection(source).insertMany(events(1500, (index) => ({ type: "AB"[index % 2] })));
    await first.caughtUp();
    await first.stop();
    await collection(source).insertMany(events(4000, (index) => ({ type: "AB"[index % 2] })));
    const second = await run(mongod, [counter(two, source, filtered("B"))]);
    await collection(source).insertMany(events(1000, (index) => ({ type: "AB"[index % 2] })));
    await second.caughtUp();
    await second.stop();
    await collection(source).insertMany(events(1000, (index) => ({ type: "AB"[index % 2] })));
    const all = await run(mongod, [
      counter(one, source, filtered("A")),
      counter(two, source, filtered("B")),
      counter(three, source),
    ]);
    let written = 0;
    for (let round = 0; round < 20; round += 1) {
      await collection(source).insertMany(events(200, (index) => ({ type: "AB"[index % 2] })));
      written += 200;
      await soon();
    }
    await all.caughtUp();
    while ((await openStreams(source)) > 1) await all.caughtUp();
    await collection(source).insertMany(events(200, (index) => ({ type: "AB"[index % 2] })));
    written += 200;
    await all.caughtUp();
    expect(all.stats().map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(await total(one)).toBe(750 + 2000 + 500 + 500 + written / 2);
    expect(await total(two)).toBe(500 + 500 + written / 2);
    expect(await total(three)).toBe(written);
  });

  test("a processor that FAILs stops neither the others nor their stream", async () => {
    const source = freshName();
    const [broken, sound] = [freshName(), freshName()];
    const definition = counter(broken, source);
    const engine = await run(mongod, [definition, counter(sound, source)]);
    await collection(source).insertMany(events(10));
    await engine.caughtUp();
    // Nothing can be written to a dead letter queue of this name.
    const failing: ProcessorStats[] = [];
    const other = await run(
      mongod,
      [{ ...counter(`${broken}x`, source), options: dlq(mongod.db, "x".repeat(300)) }, counter(`${sound}x`, source)],
      { onState: (stats) => failing.push(stats) },
    );
    await collection(source).insertMany([{ _id: (next += 1) as never, key: null }, ...events(10)]);
    await collection(source).insertMany(events(10));
    await other.caughtUp();
    expect(await total(`${sound}x`)).toBe(20);
    expect(other.stats()[1]).toMatchObject({ state: "STARTED" });
    expect(failing.filter(({ state }) => state === "FAILED").map(({ name }) => name)).toEqual([`${broken}x`]);
  });

  test("a run of which every processor has FAILED ends", async () => {
    const [name, source] = [freshName(), freshName()];
    const db = mongod.freshDb();
    await mongod.client.db(db).createCollection(source);
    const config = { fullDocument: "required", fullDocumentOnly: false };
    const engine = await run(mongod, [{ name, pipeline: [eventsOf(db, source, config), mergeInto(mongod.db, name)] }]);
    await collection(source, db).insertOne({ _id: 1 as never });
    await collection(source, db).updateOne({ _id: 1 as never }, { $set: { a: 1 } });
    await engine.ended;
    expect(engine.stats()[0]).toMatchObject({ state: "FAILED", error: { code: "ASP5104" } });
  });
});

describe("catching up", () => {
  test("waits for chains of processors", async () => {
    const source = freshName();
    const [one, two, three] = [freshName(), freshName(), freshName()];
    const copy = (from: string, to: string) => ({
      name: to,
      pipeline: [eventsOf(mongod.db, from), mergeInto(mongod.db, to)],
    });
    const engine = await run(mongod, [copy(source, one), copy(one, two), copy(two, three)]);
    for (let round = 0; round < 5; round += 1) {
      await collection(source).insertMany(events(300));
      await engine.caughtUp();
      expect(await collection(three).countDocuments()).toBe((round + 1) * 300);
    }
  });

  test("a reader of a read model sees each of its changes, in order", async () => {
    const [source, model, log] = [freshName(), freshName(), freshName()];
    const engine = await run(mongod, [
      counter(model, source),
      {
        name: log,
        pipeline: [
          { $source: { connectionName: "c", db: mongod.db, coll: model, config: { fullDocument: "updateLookup" } } },
          {
            $project: { _id: "$_id._data", n: { $ifNull: ["$updateDescription.updatedFields.n", "$fullDocument.n"] } },
          },
          mergeInto(mongod.db, log),
        ],
      },
    ]);
    await collection(source).insertMany(events(100, () => ({ key: 0 })));
    await engine.caughtUp();
    expect((await read(log)).map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test("waits for all of a large transaction", async () => {
    const [name, source] = [freshName(), freshName()];
    await mongod.client.db(mongod.db).createCollection(source);
    const engine = await run(mongod, [counter(name, source)]);
    for (let round = 1; round <= 3; round += 1) {
      await mongod.client.withSession((session) =>
        session.withTransaction(() => collection(source).insertMany(events(3500), { session })),
      );
      await engine.caughtUp();
      expect(await total(name)).toBe(round * 3500);
    }
  });
});

describe("what cannot go on", () => {
  const one = async (definition: Document, options: Document = {}): Promise<ProcessorStats | undefined> => {
    const engine = await run(mongod, [definition as never], options);
    const [stats] = engine.stats();
    await engine.stop();
    return stats;
  };

  test("where the first checkpoint cannot be stored, that processor FAILs, and the others run", async () => {
    const [db, source] = [mongod.freshDb(), freshName()];
    await mongod.client.db(db).createCollection("asp_checkpoints", { validator: { _id: { $nin: ["bad", "worse"] } } });
    const names = ["bad", "good", "worse"];
    const engine = await run(
      { ...mongod, db },
      names.map((name) => ({
        name,
        pipeline: [
          name === "worse" ? { $source: { documents: [{ _id: 1 }] } } : eventsOf(db, source),
          mergeInto(db, `${name}_out`),
        ],
      })),
    );
    expect(engine.stats().map(({ state }) => state)).toEqual(["FAILED", "STARTED", "FAILED"]);
    await mongod.client
      .db(db)
      .collection(source)
      .insertOne({ _id: 1 as never });
    await engine.caughtUp();
    expect(await mongod.client.db(db).collection("good_out").countDocuments()).toBe(1);
  });

  test("a processor that has FAILED holds up nobody who waits for the others", async () => {
    const [bad, good, source] = [freshName(), freshName(), freshName()];
    const engine = await run(mongod, [
      { name: bad, pipeline: [{ $source: { documents: { $add: [1, 2] } } }, mergeInto(mongod.db, bad)] },
      { name: good, pipeline: [eventsOf(mongod.db, source), mergeInto(mongod.db, good)] },
    ]);
    await collection(source).insertMany(events(3));
    await engine.caughtUp();
    expect(engine.stats()).toMatchObject([{ state: "FAILED", error: { code: "ASP5173" } }, { output: 3 }]);
  });

  test("ASP5105: no unique index on what is merged on", async () => {
    const [name, source] = [freshName(), freshName()];
    const pipeline = [eventsOf(mongod.db, source), mergeInto(mongod.db, name, { on: ["a", "b"] })];
    expect(await one({ name, pipeline })).toMatchObject({
      state: "FAILED",
      error: {
        code: "ASP5105",
        message: `\`${name}\` merges on a, b, and ${mongod.db}.${name} has no unique index on that`,
      },
    });
    await mongod.client.db(mongod.db).createIndex(name, { b: 1, a: 1 }, { unique: true });
    expect((await one({ name, pipeline }))?.error).toBeUndefined();
  });

  test("ASP5106: a target that takes no $merge, or a whenMatched that mongod refuses", async () => {
    const [name, source] = [freshName(), freshName()];
    await mongod.client.db(mongod.db).createCollection(name, { timeseries: { timeField: "t" } });
    expect(await one({ name, pipeline: [eventsOf(mongod.db, source), mergeInto(mongod.db, name)] })).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5106" },
    });
    const whenMatched = [{ $set: { a: { $nothing: 1 } } }];
    expect(
      await one({
        name: `${name}2`,
        pipeline: [eventsOf(mongod.db, source), mergeInto(mongod.db, `${name}2`, { whenMatched })],
      }),
    ).toMatchObject({ state: "FAILED", error: { code: "ASP5106" } });
  });

  test("a whenMatched that fails over an empty document is none that mongod refuses", async () => {
    const [name, source] = [freshName(), freshName()];
    const whenMatched = [
      {
        $set: {
          a: { $size: "$$new.items" },
          b: { $arrayElemAt: ["$$list", 0] },
          c: { $size: "$$list" },
          d: { $divide: [1, "$$new.n"] },
        },
      },
    ];
    const pipeline = [
      eventsOf(mongod.db, source),
      mergeInto(mongod.db, name, { let: { list: "$items" }, whenMatched }),
    ];
    expect((await one({ name, pipeline }))?.error).toBeUndefined();
  });

  test("ASP5108: a checkpoint of another source", async () => {
    const [name, source] = [freshName(), freshName()];
    expect((await one(counter(name, source)))?.error).toBeUndefined();
    const stats = await one(counter(name, `${source}2`));
    expect(stats).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5108", help: expect.stringContaining("asp_checkpoints.deleteOne") },
    });
  });

  test("ASP5102: a checkpoint that the oplog no longer holds", async () => {
    const [name, source] = [freshName(), freshName()];
    const stream = collection(source).watch();
    const token = new Promise<string>((resolve) =>
      stream.on("change", ({ _id }) => resolve((_id as { _data: string })._data)),
    );
    await new Promise((resolve) => stream.once("resumeTokenChanged", resolve));
    expect((await one(counter(name, source)))?.error).toBeUndefined();
    await collection(source).insertMany(events(1));
    // The token of an event that never was, in the year 2001.
    const old = `823A4FC880${(await token).slice(10)}`;
    await stream.close();
    await collection("asp_checkpoints").updateOne({ _id: name as never }, { $set: { "position.token._data": old } });
    const engine = await run(mongod, [counter(name, source)]);
    await engine.ended;
    expect(engine.stats()[0]).toMatchObject({ state: "FAILED", error: { code: "ASP5102" } });
  });

  test("ASP5100: a change stream that the server refuses", async () => {
    const [name, source] = [freshName(), freshName()];
    const pipeline = [{ $project: { _id: 0 } }];
    const engine = await run(mongod, [counter(name, source, { pipeline })]);
    await collection(source).insertMany(events(1));
    await engine.ended;
    expect(engine.stats()[0]).toMatchObject({ state: "FAILED", error: { code: "ASP5100" } });
  });

  test("ASP5103: an event that the change stream cannot deliver is named", async ({ skip }) => {
    // A server that cuts it delivers it: `sources/undeliverable.mongod.test.ts` says what becomes of it then.
    if (await hasSplitStage(mongod)) skip();
    const [name, source] = [freshName(), freshName()];
    await mongod.client.db(mongod.db).createCollection(source, { changeStreamPreAndPostImages: { enabled: true } });
    const config = { fullDocument: "required", fullDocumentBeforeChange: "required", fullDocumentOnly: false };
    const large = "x".repeat(9 * 1024 * 1024);
    const engine = await run(mongod, [
      {
        name,
        pipeline: [eventsOf(mongod.db, source, config), { $project: { operationType: 1 } }, mergeInto(mongod.db, name)],
      },
    ]);
    await collection(source).insertOne({ _id: "big" as never, t: large });
    await collection(source).updateOne({ _id: "big" as never }, { $set: { a: 1 } });
    await engine.ended;
    const [stats] = engine.stats();
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5103" } });
    expect(stats?.error?.message).toContain('update of {"_id":"big"}');
    expect(await collection(name).countDocuments()).toBe(1);
  });

  test("ASP5101: a cluster without what a $merge is made of is refused before anything runs", async () => {
    const cluster = { name: "c", client: mongod.client };
    // A database name that the server refuses stands for an `update` that it refuses.
    const starting = startEngine([counter(freshName(), freshName())], {
      cluster: () => cluster,
      checkpoints: { cluster, db: "a b" },
    });
    await expect(starting).rejects.toMatchObject({ code: "ASP5101" });
  });
});
