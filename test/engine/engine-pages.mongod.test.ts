import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Document } from "bson";
import type { Db } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import type { CollectionSpec } from "../../src/config/config.ts";
import { prepareCluster } from "../../src/engine/prepare-collections.ts";
import { readExamples, settingOf } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { withMongod } from "../support/mongod.ts";
import { capturingIn, eventsOf, freshName, mergeInto, run } from "./support.ts";

/** What an example needs around it. */
interface Setting {
  /** The example is a stage, or a field `config` of `$source`; one in YAML has been done before. */
  readonly pipeline: (example: Document, db: string) => readonly Document[];
  readonly before?: (db: Db) => Promise<unknown>;
  readonly after?: (db: Db) => Promise<unknown>;
}

const at = new Date("2026-03-01T12:00:00Z");
const orders: readonly Document[] = [
  { _id: 1, price: 2, quantity: 3, total: 6, sku: "a", place: "b", at, sensor: "s", amount: "six" },
  { _id: 2, price: 2, quantity: 1, total: 2, sku: "b", place: "b", at, sensor: "s", amount: 2 },
];
const insert = (db: Db): Promise<unknown> => db.collection("orders").insertMany(orders.map((each) => ({ ...each })));
const update = (db: Db): Promise<unknown> => db.collection("orders").updateMany({}, { $set: { price: 4 } });
const required = { fullDocument: "required", fullDocumentOnly: false };

const settings: Readonly<Record<string, Setting>> = {
  ASP5100: {
    pipeline: ({ config }, db) => [
      eventsOf(db, "orders", { ...config, fullDocumentOnly: false }),
      mergeInto(db, "copies"),
    ],
    after: insert,
  },
  ASP5104: {
    pipeline: (_, db) => [eventsOf(db, "events", required), mergeInto(db, "copies")],
    after: async (db) => {
      await db.collection("events").insertOne({});
      await db.collection("events").updateOne({}, { $set: { price: 4 } });
    },
  },
  ASP5105: {
    pipeline: (_, db) => [eventsOf(db, "orders"), mergeInto(db, "stock", { on: ["sku", "place"] })],
    after: insert,
  },
  ASP5106: { pipeline: (example, db) => [eventsOf(db, "orders"), example], after: insert },
  ASP5107: { pipeline: (example, db) => [eventsOf(db, "orders"), example, mergeInto(db, "copies")], after: insert },
  ASP5155: { pipeline: (example, db) => [eventsOf(db, "orders"), example], after: insert },
  ASP5171: {
    pipeline: (example, db) => [example, mergeInto(db, "copies")],
    before: async (db) => {
      await insert(db);
      await db.createCollection("open_orders_view", { viewOn: "orders", pipeline: [] });
    },
  },
  ASP5172: {
    pipeline: ({ config }, db) => [
      {
        $source: { connectionName: "c", db, coll: "orders", initialSync: { enable: true }, config },
      },
      mergeInto(db, "copies"),
    ],
    before: insert,
    after: update,
  },
  ASP5173: { pipeline: (example, db) => [example, mergeInto(db, "copies")] },
  ASP5204: { pipeline: (example) => [{ $source: { documents: [{ _id: 1, placedAt: at }] } }, example] },
};

/** The code that the processor of an example FAILED with, after it has handled all that was written. */
async function failureOf(code: string, { language, text }: Fence): Promise<string | undefined> {
  const mongod = await withMongod();
  const captureDir = await mkdtemp(join(tmpdir(), "asp-test-"));
  onTestFinished(() => rm(captureDir, { recursive: true, force: true }));
  const { db: name } = mongod;
  const db = mongod.client.db(name);
  const { pipeline, before, after } = settingOf(settings, code);
  await before?.(db);
  if (language === "yaml") {
    const { collections } = parse(text) as { readonly collections: readonly CollectionSpec[] };
    await prepareCluster(mongod.client, collections, { databases: { shop: name } });
  }
  const example = language === "yaml" ? {} : read(text, name);
  const definition = { name: freshName(), pipeline: pipeline(example, name) };
  const engine = await run(mongod, [definition], { connections: capturingIn(captureDir) });
  await after?.(db);
  await engine.caughtUp();
  const [stats] = engine.stats();
  expect(stats).toMatchObject({
    deadLetters: 0,
    state: stats?.error === undefined ? expect.stringMatching(/^(STARTED|STOPPED)$/u) : "FAILED",
  });
  return stats?.error?.code;
}

/** A stage, or fields of one, in the database `db` where it has the name `shop`. */
function read(text: string, db: string): Document {
  const value = text.startsWith("{") ? text : `{${text}}`;
  // oxlint-disable-next-line no-new-func -- the examples are this repository's own
  return new Function(`return (${value.replaceAll('db: "shop"', `db: "${db}"`)}\n)`)() as Document;
}

test.each(shownBy.engine)(
  "%s: the processor of the wrong example FAILs with it, that of the right one runs",
  async (code) => {
    const { wrong, right } = readExamples(code);
    expect(wrong).toHaveLength(1);
    expect(right).toHaveLength(1);
    for (const fence of wrong) expect(await failureOf(code, fence)).toBe(code);
    for (const fence of right) expect(await failureOf(code, fence)).toBeUndefined();
  },
);
