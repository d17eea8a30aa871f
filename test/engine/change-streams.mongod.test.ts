import { Timestamp, type Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, stored } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const source = (scope: Document, config: Document = {}, more: Document = {}): Document => ({
  $source: { connectionName: "c", ...scope, config, ...more },
});
/** Keeps what an event says, under a fresh `_id`. */
const keep = {
  $project: {
    _id: { $concat: ["$_id._data"] },
    operationType: 1,
    ns: 1,
    documentKey: 1,
    fullDocument: 1,
    fullDocumentBeforeChange: 1,
    updateDescription: 1,
  },
};

interface Setup {
  readonly db: string;
  readonly out: string;
  readonly coll: string;
}

function setup(): Setup {
  return { db: mongod.freshDb(), out: freshName(), coll: freshName() };
}

const read = (out: string): Promise<readonly Document[]> =>
  mongod.client
    .db(mongod.db)
    .collection(out)
    .find({}, { sort: { _id: 1 } })
    .toArray();

/** Starts a processor that writes its events to `out`, lets `write` change things, and gives what came. */
async function observe(
  { out }: Setup,
  stages: readonly Document[],
  write: () => Promise<unknown>,
): Promise<readonly Document[]> {
  const engine = await run(mongod, [{ name: out, pipeline: [...stages, mergeInto(mongod.db, out)] }]);
  expect(engine.stats()[0]).toMatchObject({ state: "STARTED" });
  await write();
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  await engine.stop();
  return read(out);
}

describe("scopes", () => {
  const insertInto = async (db: string, ...colls: readonly string[]): Promise<void> => {
    for (const coll of colls)
      await mongod.client
        .db(db)
        .collection<Document>(coll)
        .insertOne({ _id: coll as never });
  };

  test("a collection", async () => {
    const at = setup();
    const events = await observe(at, [source({ db: at.db, coll: "a" }), keep], () => insertInto(at.db, "a", "b"));
    expect(events).toMatchObject([
      { operationType: "insert", ns: { db: at.db, coll: "a" }, fullDocument: { _id: "a" } },
    ]);
  });

  test("several collections of a database", async () => {
    const at = setup();
    const events = await observe(at, [source({ db: at.db, coll: ["a", "b"] }), keep], () =>
      insertInto(at.db, "a", "b", "c"),
    );
    expect(events.map(({ ns }) => ns.coll)).toEqual(["a", "b"]);
  });

  test("a database", async () => {
    const at = setup();
    const other = mongod.freshDb();
    const events = await observe(at, [source({ db: at.db }), keep], async () => {
      await insertInto(at.db, "a", "b");
      await insertInto(other, "a");
    });
    expect(events.map(({ ns }) => [ns.db, ns.coll])).toEqual([
      [at.db, "a"],
      [at.db, "b"],
    ]);
  });

  test("the whole cluster", async () => {
    const at = setup();
    const other = mongod.freshDb();
    const stages = [source({}, { pipeline: [{ $match: { "ns.db": { $in: [at.db, other] } } }] }), keep];
    const events = await observe(at, stages, async () => {
      await insertInto(at.db, "a");
      await insertInto(other, "b");
    });
    expect(events.map(({ ns }) => [ns.db, ns.coll])).toEqual([
      [at.db, "a"],
      [other, "b"],
    ]);
  });

  test("a collection that is dropped and made again is read on", async () => {
    const at = setup();
    const coll = mongod.client.db(at.db).collection<Document>("a");
    const events = await observe(at, [source({ db: at.db, coll: "a" }), keep], async () => {
      await coll.insertOne({ _id: 1 as never });
      await coll.drop();
      await coll.insertOne({ _id: 2 as never });
    });
    expect(events.map(({ operationType }) => operationType)).toEqual(["insert", "drop", "invalidate", "insert"]);
  });
});

describe("config", () => {
  const change = async ({ db, coll }: Setup): Promise<void> => {
    const collection = mongod.client.db(db).collection<Document>(coll);
    await collection.insertOne({ _id: 1 as never, a: 1 });
    await collection.updateOne({ _id: 1 as never }, { $set: { a: 2 } });
    await collection.deleteOne({ _id: 1 as never });
  };
  const withImages = ({ db, coll }: Setup): Promise<unknown> =>
    mongod.client.db(db).createCollection(coll, { changeStreamPreAndPostImages: { enabled: true } });

  test("an update carries only what changed unless a fullDocument is asked for", async () => {
    const at = setup();
    const events = await observe(at, [source({ db: at.db, coll: at.coll }), keep], () => change(at));
    expect(events.map(({ fullDocument }) => fullDocument)).toEqual([{ _id: 1, a: 1 }, undefined, undefined]);
    expect(events[1]).toMatchObject({ updateDescription: { updatedFields: { a: 2 } } });
  });

  test("fullDocument: updateLookup gives the current document, or null where it is gone", async () => {
    const at = setup();
    const collection = mongod.client.db(at.db).collection<Document>(at.coll);
    await collection.insertOne({ _id: 1 as never, a: 1 });
    const engine = await run(mongod, [
      {
        name: at.out,
        pipeline: [
          source({ db: at.db, coll: at.coll }, { fullDocument: "updateLookup" }),
          keep,
          mergeInto(mongod.db, at.out),
        ],
      },
    ]);
    await collection.updateOne({ _id: 1 as never }, { $set: { a: 2 } });
    await engine.caughtUp();
    expect(await read(at.out)).toMatchObject([{ fullDocument: { _id: 1, a: 2 } }]);
  });

  test("required images come as they were at each change", async () => {
    const at = setup();
    await withImages(at);
    const config = { fullDocument: "required", fullDocumentBeforeChange: "required" };
    const events = await observe(at, [source({ db: at.db, coll: at.coll }, config), keep], () => change(at));
    expect(
      events.map(({ fullDocument, fullDocumentBeforeChange }) => [fullDocument?.a, fullDocumentBeforeChange?.a]),
    ).toEqual([
      [1, undefined],
      [2, 1],
      [undefined, 2],
    ]);
  });

  test("images that are there when available do not stop a collection without them", async () => {
    const at = setup();
    const config = { fullDocument: "whenAvailable", fullDocumentBeforeChange: "whenAvailable" };
    const events = await observe(at, [source({ db: at.db, coll: at.coll }, config), keep], () => change(at));
    expect(events.map(({ fullDocument }) => fullDocument)).toEqual([{ _id: 1, a: 1 }, null, undefined]);
  });

  test("fullDocumentOnly delivers documents, and nothing for events without one", async () => {
    const at = setup();
    const events = await observe(at, [eventsOf(at.db, at.coll, { fullDocument: "updateLookup" })], async () => {
      const collection = mongod.client.db(at.db).collection<Document>(at.coll);
      await collection.insertMany([
        { _id: 1 as never, a: 1 },
        { _id: 2 as never, a: 1 },
      ]);
      await collection.deleteOne({ _id: 2 as never });
    });
    expect(events).toEqual([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]);
  });

  test("config.pipeline decides what is read and how it looks", async () => {
    const at = setup();
    const pipeline = [{ $match: { operationType: { $in: ["update", "delete"] } } }, { $project: { ns: 0 } }];
    const events = await observe(at, [source({ db: at.db, coll: at.coll }, { pipeline }), keep], () => change(at));
    expect(events.map(({ operationType, ns }) => [operationType, ns])).toEqual([
      ["update", undefined],
      ["delete", undefined],
    ]);
  });

  test("startAfter continues after an event, startAtOperationTime with those of a time", async () => {
    const at = setup();
    const collection = mongod.client.db(at.db).collection<Document>(at.coll);
    const stream = collection.watch();
    const tokens: Document[] = [];
    const times: Timestamp[] = [];
    const started = new Date(Date.now() - 1000);
    stream.on("change", (event) => {
      tokens.push(event._id as Document);
      times.push(event.clusterTime as never);
    });
    await new Promise((resolve) => stream.once("resumeTokenChanged", resolve));
    for (let _id = 1; _id <= 3; _id += 1) await collection.insertOne({ _id: _id as never });
    while (tokens.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    await stream.close();
    const ids = async (config: Document): Promise<readonly unknown[]> => {
      const events = await observe(
        { ...at, out: freshName() },
        [eventsOf(at.db, at.coll, config)],
        async () => undefined,
      );
      return events.map(({ _id }) => _id);
    };
    expect(await ids({ startAfter: tokens[0] })).toEqual([2, 3]);
    expect(await ids({ startAtOperationTime: times[1] })).toEqual([2, 3]);
    expect(await ids({ startAtOperationTime: started })).toEqual([1, 2, 3]);
    expect(await ids({})).toEqual([]);
  });
});

describe("metadata", () => {
  test("tells an event's type, namespace, key and time", async () => {
    const at = setup();
    const stages = [
      source({ db: at.db, coll: at.coll }, { fullDocumentOnly: true }),
      {
        $set: {
          m: { $meta: "stream.source" },
          ts: { $meta: "stream.source.ts" },
          key: { $meta: "stream.source.documentKey._id" },
          coll: { $meta: "stream.source.ns.coll" },
        },
      },
    ];
    const [event] = await observe(at, stages, () =>
      mongod.client
        .db(at.db)
        .collection<Document>(at.coll)
        .insertOne({ _id: 7 as never }),
    );
    expect(event).toMatchObject({
      _id: 7,
      key: 7,
      coll: at.coll,
      m: { type: "atlas", operationType: "insert", ns: { db: at.db } },
    });
    expect(event?.["ts"]).toBeInstanceOf(Date);
    expect(event?.["m"].initialSync).toBeUndefined();
  });

  test("steers a $merge that replicates inserts, updates and deletes", async () => {
    const at = setup();
    const isDelete = { $eq: [{ $meta: "stream.source.operationType" }, "delete"] };
    const merge = mergeInto(mongod.db, at.out, {
      whenMatched: { $cond: [isDelete, "delete", "replace"] },
      whenNotMatched: { $cond: [isDelete, "discard", "insert"] },
    });
    const engine = await run(mongod, [
      {
        name: at.out,
        pipeline: [
          source({ db: at.db, coll: at.coll }, { fullDocument: "updateLookup" }),
          { $replaceWith: { $ifNull: ["$fullDocument", "$documentKey"] } },
          merge,
        ],
      },
    ]);
    const collection = mongod.client.db(at.db).collection<Document>(at.coll);
    await collection.insertMany([1, 2, 3].map((_id) => ({ _id: _id as never, a: 1 })));
    await engine.caughtUp();
    expect(await read(at.out)).toHaveLength(3);
    await collection.updateOne({ _id: 1 as never }, { $set: { a: 2 } });
    await collection.deleteMany({ _id: { $gt: 1 as never } });
    await engine.caughtUp();
    expect(await read(at.out)).toEqual([{ _id: 1, a: 2 }]);
  });

  test("may stand in let variables of the $merge", async () => {
    const at = setup();
    const merge = mergeInto(mongod.db, at.out, {
      let: { type: { $meta: "stream.source.operationType" } },
      whenMatched: [{ $set: { last: "$$type", a: "$$new.a" } }],
    });
    const engine = await run(mongod, [
      { name: at.out, pipeline: [eventsOf(at.db, at.coll, { fullDocument: "updateLookup" }), merge] },
    ]);
    const collection = mongod.client.db(at.db).collection<Document>(at.coll);
    await collection.insertOne({ _id: 1 as never, a: 1 });
    await collection.updateOne({ _id: 1 as never }, { $set: { a: 2 } });
    await engine.caughtUp();
    expect(engine.stats()[0]?.error).toBeUndefined();
    expect(await read(at.out)).toEqual([{ _id: 1, a: 2, last: "update" }]);
  });
});

describe("initialSync", () => {
  const syncing = (at: Setup, coll: unknown, config: Document = {}, stages: readonly Document[] = []) => ({
    name: at.out,
    pipeline: [
      source({ db: at.db, coll }, { fullDocumentOnly: true, ...config }, { initialSync: { enable: true } }),
      ...stages,
      mergeInto(mongod.db, at.out, { whenMatched: "replace" }),
    ],
    options: dlq(mongod.db, `${at.out}_dlq`),
  });
  const fill = (at: Setup, coll: string, from: number, count: number): Promise<unknown> => {
    const documents = Array.from({ length: count }, (_, index) => {
      const _id = `${coll}${String(from + index).padStart(5, "0")}`;
      // A Map, since a JavaScript object would put "10" and "2" first.
      return new Map<string, unknown>([
        ["_id", _id],
        ["10", 1],
        ["a", index % 2 === 0 ? "x" : "y"],
        ["2", 2],
      ]);
    });
    return mongod.client.db(at.db).collection<Document>(coll).insertMany(documents);
  };

  test("copies what several collections hold, then goes on with their changes", async () => {
    const at = setup();
    await fill(at, "a", 0, 2500);
    await fill(at, "b", 0, 10);
    const engine = await run(mongod, [
      syncing(at, ["a", "b", "empty"], {}, [{ $set: { phase: { $meta: "stream.source.initialSync.phase" } } }]),
    ]);
    await fill(at, "a", 5000, 5);
    await engine.caughtUp();
    await fill(at, "empty", 0, 5);
    await engine.caughtUp();
    expect(engine.stats()[0]?.error).toBeUndefined();
    const documents = await read(at.out);
    expect(documents).toHaveLength(2520);
    expect(documents.filter(({ phase }) => phase === "copy").length).toBeGreaterThanOrEqual(2510);
    expect(documents.at(-1)).not.toHaveProperty("phase");
  });

  test("keeps the order of fields, and config.pipeline sees copied documents as inserts", async () => {
    const at = setup();
    await fill(at, "a", 0, 1200);
    const config = { pipeline: [{ $match: { operationType: "insert", "fullDocument.a": "x", "ns.coll": "a" } }] };
    const engine = await run(mongod, [syncing(at, "a", config)]);
    await engine.caughtUp();
    await fill(at, "a", 2000, 10);
    await engine.caughtUp();
    expect(await stored(mongod.client, mongod.db, at.out)).toHaveLength(605);
    const [first] = (await mongod.client
      .db(mongod.db)
      .collection(at.out)
      .aggregate([
        { $limit: 1 },
        { $project: { names: { $map: { input: { $objectToArray: "$$ROOT" }, in: "$$this.k" } } } },
      ])
      .toArray()) as [Document];
    expect(first["names"]).toEqual(["_id", "10", "a", "2"]);
    expect(await read(`${at.out}_dlq`)).toEqual([]);
  });

  test("an event envelope of a copied document is that of an insert, and no more", async () => {
    const at = setup();
    await fill(at, "a", 0, 1);
    const engine = await run(mongod, [
      {
        ...syncing(at, "a"),
        pipeline: [
          source(
            { db: at.db, coll: "a" },
            { pipeline: [{ $set: { seen: { $map: { input: { $objectToArray: "$$ROOT" }, in: "$$this.k" } } } }] },
            { initialSync: { enable: true } },
          ),
          { $set: { _id: 1, names: { $map: { input: { $objectToArray: "$$ROOT" }, in: "$$this.k" } } } },
          mergeInto(mongod.db, at.out),
        ],
      },
    ]);
    await engine.caughtUp();
    const [event] = await read(at.out);
    const names = ["_id", "operationType", "wallTime", "fullDocument", "ns", "documentKey"];
    expect(event).toMatchObject({
      operationType: "insert",
      ns: { db: at.db, coll: "a" },
      seen: names,
      names: [...names, "seen"],
    });
  });

  test("killed in the middle it copies on from its checkpoint and loses nothing that was written meanwhile", async () => {
    const at = setup();
    await fill(at, "a", 0, 8000);
    await fill(at, "b", 0, 3000);
    let added = 0;
    for (let round = 0; round < 4; round += 1) {
      const engine = await run(mongod, [syncing(at, ["a", "b"])], { checkpointIntervalMs: 0 });
      const enough = (round + 1) * 1500;
      while (
        (engine.stats()[0]?.output ?? 0) < 1500 &&
        (await mongod.client.db(mongod.db).collection(at.out).countDocuments()) < enough
      ) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await engine.kill();
      await fill(at, "a", 10_000 + added, 20);
      added += 20;
    }
    const [checkpoint] = await mongod.client
      .db(mongod.db)
      .collection<Document>("asp_checkpoints")
      .find({ _id: at.out as never })
      .toArray();
    expect(checkpoint?.["position"].sync).toBeDefined();
    const engine = await run(mongod, [syncing(at, ["a", "b"])]);
    await engine.caughtUp();
    expect(engine.stats()[0]?.input).toBeLessThan(11_080);
    expect(await read(at.out)).toHaveLength(11_000 + added);
  });
});
