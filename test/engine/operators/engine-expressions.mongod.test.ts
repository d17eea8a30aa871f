import { deserialize, serialize, type Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JavaScriptTimeout } from "../../../src/engine/core/document-error.ts";
import { createExpressionRunner } from "../../../src/engine/expression-runner.ts";
import { createStageRunner } from "../../../src/engine/stage-runner.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { eventsOf, freshName, mergeInto, run, runToEnd } from "../support.ts";
import { pass, withoutJavaScript } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const atMs = Date.UTC(2020, 1, 2);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const javaScript = (body: string, ...args: unknown[]): unknown => ({ $function: { body, args, lang: "js" } });

describe("$currentDate", () => {
  test("is engine time, wherever an expression stands", async () => {
    const now = { $currentDate: {} };
    const { documents, letters } = await pass(
      mongod,
      [{ _id: 1 }],
      [
        { $match: { $and: [{ $expr: { $eq: [now, new Date(atMs)] } }] } },
        { $set: { set: now, year: { $year: now }, list: { $map: { input: [1, 2], in: now } } } },
        { $project: { set: 1, year: 1, list: 1, projected: now, told: { $literal: now } } },
        {
          $lookup: {
            from: { connectionName: "c", db: mongod.db, coll: "none" },
            let: { now },
            pipeline: [{ $match: {} }],
            as: "none",
          },
        },
        { $setStreamMeta: { "stream.at": now } },
        { $replaceWith: { $mergeObjects: ["$$ROOT", { replaced: now, meta: { $meta: "stream.at" } }] } },
        { $redact: { $cond: [{ $gt: [now, new Date(0)] }, "$$KEEP", "$$PRUNE"] } },
        { $validate: { validator: { $expr: { $lt: [now, new Date(atMs + 1)] } }, validationAction: "dlq" } },
      ],
      { now: () => atMs },
    );
    const at = new Date(atMs);
    expect(letters).toEqual([]);
    expect(documents).toEqual([
      { _id: 1, set: at, year: 2020, list: [at, at], projected: at, told: now, none: [], replaced: at, meta: at },
    ]);
  });

  test("moves on with engine time, and is the time of the evaluation, not that of the start", async () => {
    const [coll, target] = [freshName(), freshName()];
    let nowMs = atMs;
    const engine = await run(
      mongod,
      [
        {
          name: coll,
          pipeline: [eventsOf(mongod.db, coll), { $set: { at: { $currentDate: {} } } }, mergeInto(mongod.db, target)],
        },
      ],
      { now: () => nowMs },
    );
    const events = mongod.client.db(mongod.db).collection<{ _id: number }>(coll);
    await events.insertOne({ _id: 1 });
    await engine.caughtUp();
    nowMs += 1000;
    await events.insertOne({ _id: 2 });
    await engine.caughtUp();
    expect(await mongod.client.db(mongod.db).collection(target).find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, at: new Date(atMs) },
      { _id: 2, at: new Date(atMs + 1000) },
    ]);
  });
});

describe("$createUUID", () => {
  test("is another UUID of version 4 at each evaluation, and one value from then on", async () => {
    const { documents } = await pass(
      mongod,
      [{ _id: 1 }, { _id: 2 }],
      [
        { $set: { own: { $createUUID: {} }, list: { $map: { input: { $range: [0, 50] }, in: { $createUUID: {} } } } } },
        { $set: { again: "$own", same: { $eq: ["$own", "$own"] }, type: { $type: "$own" } } },
      ],
    );
    const all = documents.flatMap(({ own, list }) => [own, ...list].map(String));
    expect(new Set(all).size).toBe(102);
    for (const each of all) expect(each).toMatch(uuid);
    for (const { own, again, same, type } of documents) {
      expect({ again: String(again), same, type }).toEqual({ again: String(own), same: true, type: "binData" });
    }
  });

  test("stands in what the sink asks of a document, too", async () => {
    const coll = freshName();
    const { documents } = await pass(
      mongod,
      [{ _id: 1 }],
      [{ $setStreamMeta: { "stream.id": { $createUUID: {} } } }, { $set: { id: { $meta: "stream.id" } } }],
    );
    expect(String(documents[0]?.["id"])).toMatch(uuid);
    const let_ = { id: { $createUUID: {} }, at: { $currentDate: {} } };
    await runToEnd(
      mongod,
      [
        {
          name: coll,
          pipeline: [
            { $source: { documents: [{ _id: 1 }, { _id: 1 }] } },
            mergeInto(
              mongod.db,
              { $concat: [coll, "_", { $toString: { $year: { $currentDate: {} } } }] },
              { let: let_, whenMatched: [{ $set: { id: "$$id", at: "$$at" } }] },
            ),
          ],
        },
      ],
      { now: () => atMs },
    );
    const [stored] = await mongod.client.db(mongod.db).collection(`${coll}_2020`).find().toArray();
    expect(stored).toMatchObject({ _id: 1, at: new Date(atMs) });
    expect(String(stored?.["id"])).toMatch(uuid);
  });
});

describe("$function", () => {
  test("runs on mongod; one that throws, or reaches for what is not there, makes a dead letter", async () => {
    const body = `function(a) {
      if (a === 2) throw new Error("no " + a);
      if (a === 3) return require("fs").readFileSync("/etc/passwd");
      if (a === 4) return cat("/etc/passwd");
      return a * 10;
    }`;
    const { documents, letters, stats } = await pass(
      mongod,
      [1, 2, 3, 4, 5].map((a) => ({ _id: a, a })),
      [{ $set: { b: javaScript(body, "$a") } }],
    );
    expect(documents).toEqual([
      { _id: 1, a: 1, b: 10 },
      { _id: 5, a: 5, b: 50 },
    ]);
    expect(letters.map(({ doc, operatorName, errInfo }) => [doc._id, operatorName, errInfo.reason])).toEqual([
      [2, "$set", expect.stringContaining("Error: no 2")],
      [3, "$set", expect.stringContaining("ReferenceError: require is not defined")],
      [4, "$set", expect.stringContaining("ReferenceError: cat is not defined")],
    ]);
    expect(stats?.state).toBe("STOPPED");
  });

  test("a loop without end is stopped after some seconds, and takes no other document along", async () => {
    const body = "function(a) { while (a === 3) {} return a; }";
    const documents = Array.from({ length: 20 }, (_, index) => ({ _id: index, a: index }));
    const startedAt = performance.now();
    const passed = await pass(mongod, documents, [{ $set: { b: javaScript(body, "$a") } }]);
    expect(passed.documents.map(({ b }) => b)).toEqual(documents.map(({ a }) => a).filter((a) => a !== 3));
    expect(passed.letters).toMatchObject([
      { doc: { _id: 3 }, operatorName: "$set", errInfo: { reason: "JavaScript has run longer than 5 s" } },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(40_000);
  });

  test("a command beside one that is stopped comes to its end", async () => {
    const runner = createExpressionRunner(createStageRunner(mongod.client.db(mongod.db)), { name: "p", now: Date.now });
    const project = (body: string): readonly Document[] => [{ $project: { done: javaScript(body) } }];
    const document = serialize({ _id: 1 });
    const endless = runner.run(project("function() { while (true); }"), [document]);
    await new Promise((resolve) => setTimeout(resolve, 3500));
    const slow = project("function() { const end = Date.now() + 3000; while (Date.now() < end); return true; }");
    const beside = runner.run(slow, [document]);
    await expect(endless).rejects.toBeInstanceOf(JavaScriptTimeout);
    expect((await beside).map((bson) => deserialize(bson))).toEqual([{ _id: 1, done: true }]);
    await runner.close();
  });

  test("ASP5140: a mongod without JavaScript FAILs the processor, and no document is lost among the dead letters", async () => {
    const database = await withoutJavaScript();
    for (const set of [{ id: { $createUUID: {} } }, { b: javaScript("function() { return 1; }") }]) {
      const { stats, documents, letters } = await pass(database, [{ _id: 1 }], [{ $set: set }]);
      expect({ documents, letters }).toEqual({ documents: [], letters: [] });
      expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5140" } });
    }
  });
});
