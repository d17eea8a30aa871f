import { EJSON, Int32, Long, type Document } from "bson";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connections } from "../../src/engine/connections.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { readCaptured, readSnappyFrames } from "./captured-files.ts";
import { capturingIn, dlq, eventsOf, freshName, run, runToEnd } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

let captureDir: string;
beforeEach(() => {
  captureDir = mkdtempSync(join(tmpdir(), "asp-capture-"));
});
afterEach(() => rmSync(captureDir, { recursive: true }));

const nowMs = Date.UTC(2026, 10, 25, 12);
const connections = (): Connections => capturingIn(captureDir);

/** Emits inline documents to their end; gives the files and the dead letters. */
async function emit(documents: readonly Document[], args: Document, options: Partial<EngineOptions> = {}) {
  const letters = freshName();
  const pipeline = [{ $source: { documents } }, { $emit: { connectionName: "cloud", ...args } }];
  const definition = { name: "archive", pipeline, options: dlq(mongod.db, letters) };
  await mongod.client
    .db(mongod.db)
    .collection<Document>("asp_checkpoints")
    .deleteOne({ _id: "archive" as never });
  const [stats] = await runToEnd(mongod, [definition], { connections: connections(), now: () => nowMs, ...options });
  const dead = await mongod.client.db(mongod.db).collection(letters).find().toArray();
  return {
    stats,
    files: readCaptured(captureDir),
    dead: dead.map(({ doc, operatorName, errInfo }) => ({ i: Number(doc.i), operatorName, reason: errInfo.reason })),
  };
}

const s3 = { bucket: "acme", path: "orders/raw" };
const name = (counter: number, extension = ".json"): string => `20261125T120000000Z-archive-000${counter}${extension}`;
const textOf = (files: readonly { readonly bytes: Buffer }[]): readonly string[] =>
  files.map(({ bytes }) => bytes.toString());

describe("$emit to S3", () => {
  test("one file of JSON, its documents in order, below the connection, the bucket and the path", async () => {
    const { stats, files } = await emit([{ i: 1, at: new Date(0) }, { i: 2 }], s3);
    expect(stats).toMatchObject({ output: 2, deadLetters: 0 });
    expect(files.map(({ path }) => path)).toEqual([`cloud/acme/orders/raw/${name(1)}`]);
    expect(textOf(files)).toEqual([`{"i":1,"at":{"$date":"1970-01-01T00:00:00Z"}}\n{"i":2}`]);
  });

  test.each([
    ["relaxedJson", "default", `{"i":1,"n":5,"at":{"$date":"1970-01-01T00:00:00Z"}}`],
    ["canonicalJson", "default", `{"i":{"$numberInt":"1"},"n":{"$numberLong":"5"},"at":{"$date":{"$numberLong":"0"}}}`],
    ["basicJson", "default", `{"i":1,"n":5,"at":0}`],
    ["basicJson", "ISO8601", `{"i":1,"n":5,"at":"1970-01-01T00:00:00.000Z"}`],
  ])("%s with dates %s", async (outputFormat, dateFormat, text) => {
    const document = { i: new Int32(1), n: Long.fromNumber(5), at: new Date(0) };
    const { files } = await emit([document], { ...s3, config: { outputFormat, dateFormat } });
    expect(textOf(files)).toEqual([text]);
  });

  const many = Array.from({ length: 3000 }, (_, i) => ({
    i,
    country: ["at", "de", "ch"][i % 3],
    note: `note ${i * 7919}`,
  }));
  const idsIn = (text: string): readonly number[] =>
    text.split("\n").map((line) => Number((EJSON.parse(line) as Document)["i"]));

  test("gzip, read by zlib; a higher level is smaller", async () => {
    const [low, high] = [await emit(many, { ...s3, config: { compression: "gzip", compressionLevel: 1 } })].concat(
      await emit(many, { ...s3, path: "best", config: { compression: "gzip", compressionLevel: 9 } }),
    );
    const best = high?.files.find(({ path }) => path.includes("/best/"));
    const fast = low?.files[0];
    expect(fast?.path).toBe(`cloud/acme/orders/raw/${name(1, ".json.gz")}`);
    for (const file of [best, fast]) {
      expect(idsIn(gunzipSync(file?.bytes ?? Buffer.of()).toString())).toEqual(many.map(({ i }) => i));
    }
    expect(best?.bytes.length).toBeLessThan(fast?.bytes.length ?? 0);
  });

  test("snappy, read by another implementation", async () => {
    const { files } = await emit(many, { ...s3, config: { compression: "snappy" } });
    expect(files.map(({ path }) => path)).toEqual([`cloud/acme/orders/raw/${name(1, ".json.sz")}`]);
    const text = readSnappyFrames(files[0]?.bytes ?? Buffer.of()).toString();
    expect(idsIn(text)).toEqual(many.map(({ i }) => i));
    expect(files[0]?.bytes.length).toBeLessThan(text.length);
  });

  test("a delimiter of one's own, and files by count", async () => {
    const config = { delimiter: " | ", writeOptions: { count: 2 } };
    const { files } = await emit([{ i: 1 }, { i: 2 }, { i: 3 }], { ...s3, config });
    expect(textOf(files)).toEqual([`{"i":1} | {"i":2}`, `{"i":3}`]);
    expect(files.map(({ path }) => path.split("/").at(-1))).toEqual([name(1), name(2)]);
  });

  test("files by bytes, counted as BSON", async () => {
    const { files } = await emit([{ i: 1 }, { i: 2 }, { i: 3 }], { ...s3, config: { writeOptions: { bytes: 24 } } });
    // Each of the documents has 12.
    expect(textOf(files)).toEqual([`{"i":1}\n{"i":2}`, `{"i":3}`]);
  });

  test("bucket and path may come from the document, and one that gives none is a dead letter", async () => {
    const documents = [
      { i: 1, country: "at", day: "2026/11" },
      { i: 2, country: "de", day: "../../etc" },
      { i: 3, day: "x" },
      { i: 4, country: "at", day: 5 },
      { i: 5, country: "at", day: "2026/11" },
    ];
    const args = { bucket: { $concat: ["acme-", "$country"] }, path: "$day" };
    const { files, dead } = await emit(documents, args);
    expect(files.map(({ path }) => path)).toEqual([
      `cloud/acme-at/2026/11/${name(1)}`,
      `cloud/acme-de/%2E./%2E./etc/${name(1)}`,
    ]);
    expect(textOf(files)[0]?.split("\n").length).toBe(2);
    expect(dead).toEqual([
      { i: 3, operatorName: "$emit", reason: "$emit.bucket must evaluate to a non-empty string, found null" },
      { i: 4, operatorName: "$emit", reason: "$emit.path must evaluate to a non-empty string, found int" },
    ]);
  });

  test("ASP5157 where the folder cannot be written to", async () => {
    writeFileSync(join(captureDir, "cloud"), "");
    const { stats } = await emit([{ i: 1 }], s3);
    expect(stats).toMatchObject({ state: "FAILED", output: 0, error: { code: "ASP5157" } });
    expect(stats?.error?.message).toContain("cloud");
  });
});

test("$emit to Azure Blob Storage has a container for a bucket", async () => {
  const { files } = await emit([{ i: 1 }], { container: "orders", path: "raw", config: { compression: "gzip" } });
  expect(files.map(({ path }) => path)).toEqual([`cloud/orders/raw/${name(1, ".json.gz")}`]);
  expect(gunzipSync(files[0]?.bytes ?? Buffer.of()).toString()).toBe(`{"i":1}`);
});

describe("$emit to Kinesis", () => {
  test("a line for each record, with its partition key and its data", async () => {
    const args = { stream: "orders", partitionKey: { $toString: "$i" }, config: { outputFormat: "canonicalJson" } };
    const { files } = await emit([{ i: 1 }, { i: 2 }], args);
    expect(files.map(({ path }) => path)).toEqual([`cloud/orders/${name(1, ".ndjson")}`]);
    expect(textOf(files)).toEqual([
      `{"partitionKey":"1","data":{"i":{"$numberInt":"1"}}}\n{"partitionKey":"2","data":{"i":{"$numberInt":"2"}}}\n`,
    ]);
  });

  test("a key that is no text or too long, and a record of more than 1 MB, are dead letters", async () => {
    const mb = 1024 * 1024;
    const data = (length: number): string => "x".repeat(length - '{"i":5,"key":"k","data":""}'.length);
    const { files, dead } = await emit(
      [
        { i: 1, key: 5 },
        { i: 2 },
        { i: 3, key: "" },
        { i: 4, key: "k".repeat(257) },
        { i: 5, key: "k", data: data(mb) },
        { i: 6, key: "k", data: data(mb - 1) },
      ],
      { stream: "orders", partitionKey: "$key" },
    );
    expect(dead.map(({ i }) => i)).toEqual([1, 2, 3, 4, 5]);
    expect(dead[0]).toEqual({
      i: 1,
      operatorName: "$emit",
      reason: "$emit.partitionKey must evaluate to a non-empty string, found int",
    });
    expect(dead[4]?.reason).toBe("a record of Kinesis may have 1048576 bytes with its partition key, found 1048577");
    expect(textOf(files)[0]?.split("\n").length).toBe(2);
  });
});

describe("$emit to Pub/Sub", () => {
  const topic = { projectId: "acme", topic: "orders", region: "europe-west1" };

  test("a line for each message, with what the sink has", async () => {
    const args = { ...topic, orderingKey: "$key", attributes: { country: "$country", "by.whom": "asp" } };
    const { files } = await emit([{ i: 1, key: "k", country: "at" }], args);
    expect(files.map(({ path }) => path)).toEqual([`cloud/acme/orders/${name(1, ".ndjson")}`]);
    expect(textOf(files)).toEqual([
      `{"orderingKey":"k","attributes":{"country":"at","by.whom":"asp"},"data":{"i":1,"key":"k","country":"at"}}\n`,
    ]);
    const plain = await emit([{ i: 1 }], { ...topic, topic: "plain", attributes: { by: "asp" } });
    expect(plain.files.find(({ path }) => path.includes("/plain/"))?.bytes.toString()).toBe(
      `{"attributes":{"by":"asp"},"data":{"i":1}}\n`,
    );
  });

  test("an ordering key, an attribute or a topic that is no text makes a dead letter", async () => {
    const documents = [
      { i: 1, topic: "a", key: 5, country: "at" },
      { i: 2, topic: "a", key: "k" },
      { i: 3, topic: 5, key: "k", country: "at" },
      { i: 4, topic: "a", key: "k", country: "x".repeat(1025) },
      { i: 5, topic: "a", key: "k", country: "" },
    ];
    const args = { ...topic, topic: "$topic", orderingKey: "$key", attributes: { country: "$country" } };
    const { files, dead } = await emit(documents, args);
    expect(dead.map(({ i }) => i)).toEqual([1, 2, 3, 4]);
    expect(dead[1]?.reason).toBe("$emit.attributes.country must evaluate to a string, found null");
    expect(textOf(files)).toEqual([
      `{"orderingKey":"k","attributes":{"country":""},"data":{"i":5,"topic":"a","key":"k","country":""}}\n`,
    ]);
  });
});

describe("while a processor runs:", () => {
  const follow = (coll: string, args: Document) => ({
    name: "archive",
    pipeline: [eventsOf(mongod.db, coll), { $emit: { connectionName: "cloud", ...args } }],
  });
  const insert = (coll: string, ...documents: readonly Document[]): Promise<unknown> =>
    mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .insertMany([...documents]);
  const forget = (): Promise<unknown> =>
    mongod.client
      .db(mongod.db)
      .collection<Document>("asp_checkpoints")
      .deleteOne({ _id: "archive" as never });
  beforeEach(forget);

  test("a file waits for its interval on the engine's clock, also while nothing comes", async () => {
    let atMs = nowMs;
    const coll = freshName();
    const args = { ...s3, config: { writeOptions: { interval: { size: 1, unit: "hour" } } } };
    const engine = await run(mongod, [follow(coll, args)], { connections: connections(), now: () => atMs });
    await insert(coll, { _id: 1 });
    await engine.caughtUp();
    atMs += 3_599_999;
    await insert(coll, { _id: 2 });
    await engine.caughtUp();
    expect(readCaptured(captureDir)).toEqual([]);
    atMs += 1;
    await expect.poll(() => textOf(readCaptured(captureDir)), { timeout: 20_000 }).toEqual([`{"_id":1}\n{"_id":2}`]);
  });

  test("a crash loses nothing and shows no half of a file; the next start goes on with it", async () => {
    const coll = freshName();
    const args = { ...s3, config: { writeOptions: { count: 4 } } };
    const first = await run(mongod, [follow(coll, args)], { connections: connections(), now: () => nowMs });
    await insert(coll, { _id: 1 }, { _id: 2 });
    await first.caughtUp();
    await first.kill();
    expect(readCaptured(captureDir)).toEqual([]);
    const second = await run(mongod, [follow(coll, args)], { connections: connections(), now: () => nowMs });
    await insert(coll, { _id: 3 }, { _id: 4 }, { _id: 5 });
    await second.caughtUp();
    await second.stop();
    const lines = textOf(readCaptured(captureDir)).flatMap((text) => text.split("\n"));
    // What came since the last checkpoint may be there twice.
    expect([...new Set(lines)]).toEqual([1, 2, 3, 4, 5].map((id) => `{"_id":${id}}`));
    expect(textOf(readCaptured(captureDir))[0]?.split("\n").length).toBe(4);
  });

  test("what a stream gets is there with each checkpoint", async () => {
    const coll = freshName();
    const args = { stream: "orders", partitionKey: "all" };
    const engine = await run(mongod, [follow(coll, args)], { connections: connections() });
    await insert(coll, { _id: 1 });
    await engine.caughtUp();
    await insert(coll, { _id: 2 });
    await engine.caughtUp();
    await expect
      .poll(() => textOf(readCaptured(captureDir)).join(""), { timeout: 20_000 })
      .toBe(`{"partitionKey":"all","data":{"_id":1}}\n{"partitionKey":"all","data":{"_id":2}}\n`);
  });

  test("with everything delivered twice, everything is there and nothing else", async () => {
    const documents = Array.from({ length: 20 }, (_, i) => ({ i }));
    const { files } = await emit(documents, s3, { faults: { redeliver: true } });
    const lines = textOf(files).flatMap((text) => text.split("\n"));
    expect([...new Set(lines)]).toEqual(documents.map(({ i }) => `{"i":${i}}`));
  });
});
