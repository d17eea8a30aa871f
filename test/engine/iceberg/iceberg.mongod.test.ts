import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
  type Document,
} from "bson";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connections } from "../../../src/engine/connections.ts";
import type { EngineOptions } from "../../../src/engine/engine.ts";
import type { ProcessorOptions } from "../../../src/stages/definition.ts";
import { readIcebergTable } from "../../../src/testing/captured/read-iceberg.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { capturingIn, dlq, freshName, run, runToEnd } from "../support.ts";
import { readTable, type PeerTable } from "./read-table.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

let captureDir: string;
beforeEach(() => {
  captureDir = mkdtempSync(join(tmpdir(), "asp-iceberg-"));
});
afterEach(() => rmSync(captureDir, { recursive: true }));

const nowMs = Date.UTC(2026, 10, 25, 12);
const connections = (): Connections => capturingIn(captureDir);

const shop = { connectionName: "lake", bucket: "acme", path: "tables/", databaseName: "shop", tableName: "orders" };
const tableOf = (name = "orders"): Promise<PeerTable> =>
  readTable(join(captureDir, "lake"), `s3://acme/tables/shop/${name}`);
const tableDir = (name = "orders"): string => join(captureDir, "lake/acme/tables/shop", name);

/** Writes inline documents to their end; gives the statistics and the dead letters. */
async function emit(
  documents: readonly Document[],
  args: Document = {},
  options: Partial<EngineOptions> = {},
  own: ProcessorOptions = {},
) {
  const letters = freshName();
  const pipeline = [{ $source: { documents } }, { $iceberg: { ...shop, ...args } }];
  const definition = { name: freshName(), pipeline, options: { ...own, ...dlq(mongod.db, letters) } };
  const [stats] = await runToEnd(mongod, [definition], { connections: connections(), now: () => nowMs, ...options });
  const dead = await mongod.client.db(mongod.db).collection(letters).find().toArray();
  return {
    stats,
    dead: dead.map(({ doc, operatorName, errInfo }) => ({ i: Number(doc._id), operatorName, reason: errInfo.reason })),
  };
}

/** What asp itself reads of a table, as fixtures compare it. */
async function ownRows(): Promise<readonly Document[]> {
  const rows: Document[] = [];
  for await (const row of readIcebergTable(tableDir())) rows.push(row);
  return rows;
}

const insert = { mode: "insert" };
const at = new Date("2026-11-25T10:11:12.345Z");
const id = new ObjectId("0123456789abcdef01234567");
const uuid = new UUID("01234567-89ab-4def-8123-456789abcdef");

describe("a document becomes a row:", () => {
  test.each([
    ["a string", "größe", "string", "größe"],
    ["an int", new Int32(-5), "int", -5],
    ["a long", Long.fromString("9007199254740993"), "long", 9_007_199_254_740_993n],
    ["a double", new Double(0.1), "double", 0.1],
    ["a bool", false, "boolean", false],
    ["an ObjectId", id, "string", "0123456789abcdef01234567"],
    ["a UUID", uuid, "string", "01234567-89ab-4def-8123-456789abcdef"],
    ["a date", at, "timestamptz", at],
    ["a timestamp", new Timestamp({ t: 1_700_000_000, i: 7 }), "timestamptz", new Date(1_700_000_000_000)],
    ["a date before 1970", new Date(-1), "timestamptz", new Date(-1)],
    ["an object", { b: 1, a: [at] }, "string", `{"b":1,"a":[${at.getTime()}]}`],
    ["an array", [1, "x", { id }], "string", `[1,"x",{"id":"0123456789abcdef01234567"}]`],
  ])("%s", async (_name, value, type, read) => {
    const { stats, dead } = await emit([{ _id: 1, value }], insert);
    expect(dead).toEqual([]);
    expect(stats).toMatchObject({ output: 1, deadLetters: 0 });
    const table = await tableOf();
    expect(table.columns).toEqual({ _id: "int", value: type });
    expect(table.rows).toEqual([{ _id: 1, value: read }]);
  });

  test("binary data is bytes, also where they are text", async () => {
    await emit([{ _id: 1, value: new Binary(new Uint8Array([0x61, 0xff])) }], insert);
    expect((await tableOf()).columns).toEqual({ _id: "int", value: "binary" });
    expect(await ownRows()).toEqual([{ _id: new Int32(1), value: new Binary(new Uint8Array([0x61, 0xff])) }]);
  });

  test.each([
    ["a decimal", Decimal128.fromString("1.5"), "`value` is a decimal, which no Iceberg type is for"],
    ["a regular expression", new BSONRegExp("a"), "`value` is BSONRegExp, which no Iceberg type is for"],
    ["code", new Code("x"), "`value` is Code, which no Iceberg type is for"],
    ["the smallest key", new MinKey(), "`value` is MinKey, which no Iceberg type is for"],
  ])("%s is a dead letter, and the other documents are written", async (_name, value, reason) => {
    const { dead } = await emit([{ _id: 1, value }, { _id: 2 }], insert);
    expect(dead).toEqual([{ i: 1, operatorName: "$iceberg", reason }]);
    expect((await tableOf()).rows).toEqual([{ _id: 2 }]);
  });

  test("null and missing are the same, and make no column", async () => {
    await emit([{ _id: 1, note: null }, { _id: 2 }], insert);
    expect(await tableOf()).toMatchObject({ columns: { _id: "int" }, rows: [{ _id: 1 }, { _id: 2 }] });
  });

  test("nested: objects are structs and arrays lists, at every level", async () => {
    const documents = [
      { _id: 1, buyer: { name: "a", home: { zip: 1 } }, items: [{ sku: "x" }, { n: 2 }, null], tags: [] },
      { _id: 2, buyer: { home: { city: "b" } }, items: [], tags: ["t", null], empty: {} },
    ];
    const { dead } = await emit(documents, { ...insert, schemaInference: { mode: "nested" } });
    expect(dead).toEqual([]);
    const { columns, rows } = await tableOf();
    expect(Object.keys(columns)).toEqual(["_id", "buyer", "items", "tags"]);
    expect(columns["tags"]).toMatchObject({ type: "list", element: "string", "element-required": false });
    expect(columns["buyer"]).toMatchObject({ type: "struct", fields: [{ name: "name" }, { name: "home" }] });
    expect(rows).toHaveLength(2);
    expect(await ownRows()).toEqual([
      // The array of the first says nothing of its items, so there was no column for it.
      {
        _id: new Int32(1),
        buyer: { name: "a", home: { zip: new Int32(1) } },
        items: [{ sku: "x" }, { n: new Int32(2) }, null],
      },
      { _id: new Int32(2), buyer: { home: { city: "b" } }, items: [], tags: ["t", null] },
    ]);
  });
});

describe("columns:", () => {
  test("the first value of a field decides its column's type; another one is a dead letter", async () => {
    const { dead } = await emit(
      [
        { _id: 1, n: new Int32(1) },
        { _id: 2, n: "2" },
        { _id: 3, n: Long.fromNumber(3), more: 1 },
        { _id: 4, n: new Int32(4) },
      ],
      insert,
    );
    expect(dead).toEqual([
      { i: 2, operatorName: "$iceberg", reason: "`n` is a string, and its column is int" },
      { i: 3, operatorName: "$iceberg", reason: "`n` is a long, and its column is int" },
    ]);
    const { columns, rows } = await tableOf();
    // Of a document that is refused no field becomes a column.
    expect(columns).toEqual({ _id: "int", n: "int" });
    expect(rows.map(({ _id }) => _id)).toEqual([1, 4]);
  });

  test("a whole number fits where nothing of it is lost", async () => {
    const { dead } = await emit(
      [
        { _id: 1, l: Long.fromNumber(1), d: 1.5 },
        { _id: 2, l: new Int32(2), d: new Int32(2) },
      ],
      insert,
    );
    expect(dead).toEqual([]);
    expect(await tableOf()).toMatchObject({ columns: { l: "long", d: "double" }, rows: [{}, { l: 2n, d: 2 }] });
  });

  test("what a later start adds is null in earlier rows; a string column takes objects whatever the mode", async () => {
    await emit([{ _id: 1, sub: { a: 1 } }], insert);
    await emit([{ _id: 2, sub: { b: 2 }, more: { c: 3 } }], { ...insert, schemaInference: { mode: "nested" } });
    const { columns, rows, snapshots } = await tableOf();
    expect(columns).toMatchObject({ sub: "string", more: { type: "struct" } });
    expect(snapshots).toBe(2);
    expect(rows).toContainEqual({ _id: 1, sub: '{"a":1}' });
    expect(await ownRows()).toEqual([
      { _id: new Int32(1), sub: '{"a":1}' },
      { _id: new Int32(2), sub: '{"b":2}', more: { c: new Int32(3) } },
    ]);
  });
});

describe("cdc mode:", () => {
  test("a table mirrors a collection: inserts, updates, replacements and deletes", async () => {
    const coll = freshName();
    const collection = mongod.client.db(mongod.db).collection<Document>(coll);
    const pipeline = [
      { $source: { connectionName: "c", db: mongod.db, coll, config: { fullDocument: "updateLookup" } } },
      {
        $replaceRoot: {
          newRoot: {
            $cond: [{ $eq: [{ $meta: "stream.source.operationType" }, "delete"] }, "$documentKey", "$fullDocument"],
          },
        },
      },
      { $iceberg: shop },
    ];
    // A snapshot comes with a checkpoint: one after each batch, so that later ones delete rows of earlier files.
    const engine = await run(mongod, [{ name: freshName(), pipeline }], {
      connections: connections(),
      checkpointIntervalMs: 0,
    });
    await collection.insertMany([1, 2, 3, 4].map((_id) => ({ _id: _id as never, n: new Int32(0) })));
    await engine.caughtUp();
    await collection.updateOne({ _id: 1 as never }, { $set: { n: new Int32(1) } });
    await collection.replaceOne({ _id: 2 as never }, { n: new Int32(2), note: "new" });
    await collection.deleteOne({ _id: 3 as never });
    await engine.caughtUp();
    await collection.updateOne({ _id: 1 as never }, { $set: { n: new Int32(11) } });
    await collection.insertOne({ _id: 3 as never, n: new Int32(3) });
    await collection.deleteOne({ _id: 4 as never });
    await engine.caughtUp();
    await engine.stop();
    const { rows, snapshots } = await tableOf();
    expect(snapshots).toBeGreaterThan(1);
    const expected = [
      { _id: 1, n: 11 },
      { _id: 2, n: 2, note: "new" },
      { _id: 3, n: 3 },
    ];
    const byId = (a: Document, b: Document): number => Number(a["_id"]) - Number(b["_id"]);
    expect([...rows].toSorted(byId)).toEqual(expected);
    const own = (await ownRows()).map((row) => ({ ...row, _id: Number(row["_id"]), n: Number(row["n"]) }));
    expect(own.toSorted(byId)).toEqual(expected);
  });

  test("a document of no change is one that was inserted; the last of a key counts, also over an earlier start", async () => {
    await emit([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
      { _id: 1, n: 3 },
    ]);
    expect((await tableOf()).rows).toEqual([
      { _id: 2, n: 2 },
      { _id: 1, n: 3 },
    ]);
    await emit([{ _id: 2, n: 4 }]);
    expect((await tableOf()).rows).toEqual(
      expect.arrayContaining([
        { _id: 1, n: 3 },
        { _id: 2, n: 4 },
      ]),
    );
    expect((await tableOf()).rows).toHaveLength(2);
  });

  test.each([
    ["a missing key", { _id: 1, n: 1 }, "`sku` is missing: in `cdc` mode it is the key of a row"],
    ["a key that is null", { _id: 1, sku: null }, "`sku` is missing: in `cdc` mode it is the key of a row"],
    ["a floating point number", { _id: 1, sku: 1.5 }, "`sku` is double, which cannot be the key of a row"],
  ])("%s is a dead letter", async (_name, document, reason) => {
    const { dead } = await emit([document], { idFieldName: "sku" });
    expect(dead).toEqual([{ i: 1, operatorName: "$iceberg", reason }]);
    expect(readdirSync(join(captureDir, "lake"))).toEqual([]);
  });

  test("an event that is no change of a row is a dead letter", async () => {
    const coll = freshName();
    const letters = freshName();
    const collection = mongod.client.db(mongod.db).collection<Document>(coll);
    await collection.insertOne({ _id: 0 as never });
    const pipeline = [{ $source: { connectionName: "c", db: mongod.db, coll } }, { $iceberg: shop }];
    const options = dlq(mongod.db, letters);
    const engine = await run(mongod, [{ name: freshName(), pipeline, options }], { connections: connections() });
    await collection.drop();
    await engine.caughtUp();
    const dead = await mongod.client.db(mongod.db).collection(letters).find().toArray();
    expect(dead.map(({ errInfo }) => errInfo.reason)).toEqual([
      "an event `drop` is no change of a row",
      "an event `invalidate` is no change of a row",
    ]);
  });
});

describe("tables:", () => {
  const tableName = { $concat: ["orders_", "$country"] };

  test("by an expression; one that gives no name is a dead letter", async () => {
    const documents = [{ _id: 1, country: "at" }, { _id: 2, country: "de" }, { _id: 3 }];
    const { dead } = await emit(documents, { ...insert, tableName });
    expect(readdirSync(tableDir(".")).toSorted()).toEqual(["orders_at", "orders_de"]);
    expect((await tableOf("orders_de")).rows).toEqual([{ _id: 2, country: "de" }]);
    expect(dead).toEqual([
      { i: 3, operatorName: "$iceberg", reason: "$iceberg.tableName must evaluate to a non-empty string, found null" },
    ]);
  });

  test("a catalog of Glue writes the same files", async () => {
    await emit([{ _id: 1 }], { catalog: { type: "glue" } });
    expect((await tableOf()).rows).toEqual([{ _id: 1 }]);
  });

  const named = (count: number): readonly Document[] =>
    Array.from({ length: count }, (_, n) => ({ _id: n, country: `c${n}` }));

  test.each([
    ["SP10", 5],
    ["SP30", 10],
    ["SP50", 50],
  ] as const)("more than the tier allows FAIL the processor: on %s %i", async (tier, most) => {
    const iceberg = { ...insert, tableName };
    expect((await emit(named(most), iceberg, {}, { tier })).stats).toMatchObject({ state: "STOPPED", output: most });
    const { stats } = await emit(named(most + 1), iceberg, {}, { tier });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5156" } });
  });

  test("more than the tier that is asked for allows FAIL the processor", async () => {
    const { stats } = await emit(named(6), { ...insert, tableName }, { mostIcebergTables: 5 });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5156" } });
  });

  test("a name that would lead out of the folder stays in it", async () => {
    await emit([{ _id: 1 }], { ...insert, tableName: { $concat: ["../../", "x"] } });
    expect(readdirSync(captureDir)).toEqual(["lake"]);
    expect(readdirSync(join(captureDir, "lake/acme/tables/shop"))).toEqual(["%2E."]);
  });

  test("what cannot be gone on with FAILs the processor", async () => {
    mkdirSync(join(tableDir(), "metadata"), { recursive: true });
    writeFileSync(join(tableDir(), "metadata/v1.metadata.json"), '{"format-version": 1}');
    const { stats } = await emit([{ _id: 1 }]);
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5205" } });
    expect(stats?.error?.message).toBe(
      "The Iceberg table shop.orders cannot be written: its format has version 1, and asp writes version 2",
    );
  });

  test("a folder that refuses it FAILs the processor", async () => {
    writeFileSync(join(captureDir, "lake"), "");
    const { stats } = await emit([{ _id: 1 }]);
    expect(stats).toMatchObject({ state: "FAILED", output: 0, error: { code: "ASP5157" } });
  });
});

describe("partitionedBy:", () => {
  test("a file for each partition, with its values; deletes reach all of them", async () => {
    const documents = [
      { _id: "a", country: "at", at },
      { _id: "b", country: "de", at },
      { _id: "c", country: "at", at },
    ];
    const partitionedBy = { _id: { bucket: 1 }, country: "identity", at: "day" };
    await emit(documents, { partitionedBy });
    const { partitions } = await tableOf();
    const day = Math.floor(at.getTime() / 86_400_000);
    expect(partitions.map((partition) => Object.values(partition))).toEqual([
      [0, "at", day],
      [0, "de", day],
    ]);
    await emit([{ _id: "a", country: "ch", at }], { partitionedBy });
    const { rows } = await tableOf();
    expect(rows.map(({ _id, country }) => `${String(_id)} ${String(country)}`).toSorted()).toEqual([
      "a ch",
      "b de",
      "c at",
    ]);
  });

  test("a document that a new table could not be partitioned by is a dead letter", async () => {
    const partitionedBy = { _id: "identity", at: "hour" };
    const documents = [{ _id: 1 }, { _id: 2, at: "noon" }, { _id: 3, at }];
    const { dead } = await emit(documents, { partitionedBy });
    expect(dead.map(({ reason }) => reason)).toEqual([
      "`at` is missing, and a new table is to be partitioned by it",
      "`at` is string, which cannot be partitioned by hour",
    ]);
    expect((await tableOf()).rows).toEqual([{ _id: 3, at }]);
  });

  test.each([
    [{}, "`partitionedBy` names no column"],
    [{ country: "identity" }, "`partitionedBy` begins with `country`, and the key of a row is `_id`"],
    [{ _id: "weekly" }, "`partitionedBy._id` is no transform"],
    [{ _id: { bucket: 0 } }, "`partitionedBy._id` is no transform"],
    [{ _id: { bucket: 1.5 } }, "`partitionedBy._id` is no transform"],
    [{ _id: { bucket: "16" } }, "`partitionedBy._id` is no transform"],
    [{ _id: { bucket: 4, truncate: 4 } }, "`partitionedBy._id` is no transform"],
    [{ _id: "identity", at: null }, "`partitionedBy.at` is no transform"],
  ])("%j is refused at the start", async (partitionedBy, what) => {
    const { stats } = await emit([{ _id: 1 }], { partitionedBy });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5204" } });
    expect(stats?.error?.message).toContain(what);
    expect(readdirSync(captureDir)).toEqual([]);
  });

  test("a key within another field is refused at the start", async () => {
    const { stats } = await emit([{ _id: 1 }], { idFieldName: "key.id" });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5204" } });
  });
});

test("a crash loses nothing: what was not in a checkpoint comes again", async () => {
  const coll = freshName();
  const collection = mongod.client.db(mongod.db).collection<Document>(coll);
  const source = { connectionName: "c", db: mongod.db, coll, config: { fullDocumentOnly: true } };
  const definition = { name: freshName(), pipeline: [{ $source: source }, { $iceberg: { ...shop, ...insert } }] };
  const options = { connections: connections(), checkpointIntervalMs: 5 };
  let next = 0;
  for (let round = 0; round < 6; round += 1) {
    const engine = await run(mongod, [definition], options);
    for (let batch = 0; batch < 5; batch += 1) {
      const documents = Array.from({ length: 7 }, (_, n) => ({ _id: (next + n) as never }));
      await collection.insertMany(documents);
      next += documents.length;
    }
    await (round === 5 ? engine.caughtUp().then(() => engine.stop()) : engine.kill());
  }
  const { rows } = await tableOf();
  const found = [...new Set(rows.map(({ _id }) => Number(_id)))].toSorted((a, b) => a - b);
  expect(found).toEqual(Array.from({ length: next }, (_, n) => n));
});
