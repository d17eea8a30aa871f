import { deserialize, type Document } from "bson";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Engine, EngineOptions } from "../../../src/engine/engine.ts";
import { connectMongod, withMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** By `_id`, with plain numbers. */
function read(coll: string): Promise<readonly Document[]> {
  return mongod.client.db(mongod.db).collection(coll).find().sort({ _id: 1 }).toArray();
}

const at = (hour: number, minute: number, second = 0): Date => new Date(Date.UTC(2026, 0, 1, hour, minute, second));
const minutes = (size: number): Document => ({ size, unit: "minute" });

interface Outcome {
  readonly out: readonly Document[];
  readonly dead: readonly Document[];
  readonly engine: Engine;
}

/** Sends inline documents with a time `at` through stages and says what came out, without `_id`. */
async function through(
  stages: readonly Document[],
  documents: readonly Document[],
  options: Partial<EngineOptions> = {},
): Promise<Outcome> {
  const name = freshName();
  const pipeline = [{ $source: { documents, timeField: { $toDate: "$at" } } }, ...stages, mergeInto(mongod.db, name)];
  const engine = await run(mongod, [{ name, pipeline, options: dlq(mongod.db, `${name}_dlq`) }], options);
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  return {
    out: (await read(name)).map(({ _id, ...rest }) => rest),
    dead: (await read(`${name}_dlq`)).map(({ operatorName, errInfo, doc, _stream_meta }) => ({
      operatorName,
      reason: (errInfo as Document)["reason"],
      doc,
      stream: _stream_meta,
    })),
    engine,
  };
}

const count = [{ $group: { _id: { $meta: "stream.window.start" }, count: { $sum: 1 } } }, { $set: { start: "$_id" } }];
const tumbling = (pipeline: readonly Document[], more: Document = {}): Document => ({
  $tumblingWindow: { interval: minutes(5), allowedLateness: 0, pipeline, ...more },
});

describe("the documented examples", () => {
  const minutesOf = (list: readonly number[]): readonly Document[] => list.map((minute) => ({ at: at(12, minute) }));
  test("five minutes, closed by the first event after them", async () => {
    const { out } = await through([tumbling(count)], minutesOf([0, 0, 1, 3, 2, 1, 4, 5]));
    expect(out).toEqual([{ count: 7, start: at(12, 0) }]);
  });
  test("five minutes and two for the late, closed exactly when 12:07 comes", async () => {
    const list = [0, 1, 3, 2, 4, 1, 5, 6, 4];
    const late = { allowedLateness: minutes(2) };
    expect((await through([tumbling(count, late)], minutesOf(list))).out).toEqual([]);
    expect((await through([tumbling(count, late)], minutesOf([...list, 7]))).out).toEqual([
      { count: 7, start: at(12, 0) },
    ]);
  });
  test("half an hour with a minute for the late", async () => {
    const times = [at(20, 0), at(20, 25), at(20, 10), at(20, 30, 30), at(20, 29), at(20, 10), at(20, 35)];
    const stage = tumbling(count, { interval: minutes(30), allowedLateness: minutes(1) });
    const { out } = await through(
      [stage],
      times.map((time) => ({ at: time })),
    );
    expect(out).toEqual([{ count: 5, start: at(20, 0) }]);
  });
  test("what arrives at 09:37 belongs to that time where the clock on the wall counts", async () => {
    let now = at(9, 37).getTime();
    const stage = tumbling(count, { boundary: "processingTime", allowedLateness: undefined });
    const { out, engine } = await through([stage], [{ at: at(9, 33) }], { clock: () => now });
    expect(out).toEqual([]);
    now = at(9, 40).getTime();
    await engine.tick();
    await engine.caughtUp();
    expect(await read(engine.stats()[0]?.name ?? "")).toEqual([{ _id: at(9, 35), count: 1, start: at(9, 35) }]);
  });
});

test("the watermark moves with every document of the source, also with those that a stage drops before the window", async () => {
  const { out } = await through(
    [{ $match: { kept: true } }, tumbling(count)],
    [{ at: at(12, 1), kept: true }, { at: at(12, 5) }],
  );
  expect(out).toEqual([{ count: 1, start: at(12, 0) }]);
});

test("event time belongs to the message, whatever becomes of the document", async () => {
  const { out } = await through(
    [{ $replaceWith: { other: 1 } }, tumbling(count)],
    [{ at: at(12, 1) }, { at: at(12, 6) }],
  );
  expect(out).toEqual([{ count: 1, start: at(12, 0) }]);
});

describe("a late document", () => {
  test("is a dead letter of the window, with the documented reason and what the source says of it", async () => {
    const { dead } = await through([tumbling(count)], [{ at: at(12, 6) }, { at: at(12, 4), n: 1 }]);
    expect(dead).toEqual([
      {
        operatorName: "$tumblingWindow",
        reason: "Input document arrived late.",
        doc: { at: at(12, 4), n: 1 },
        stream: { source: { type: "generated", ts: at(12, 4) } },
      },
    ]);
  });
  test("joins those of its windows that are still open", async () => {
    const hopping = {
      $hoppingWindow: { interval: minutes(10), hopSize: minutes(5), allowedLateness: 0, pipeline: count },
    };
    const { out, dead } = await through([hopping], [{ at: at(12, 6) }, { at: at(12, 4) }, { at: at(12, 30) }]);
    expect(dead).toEqual([]);
    // 11:55 to 12:05 was over when 12:04 came.
    expect(out).toEqual([
      { count: 2, start: at(12, 0) },
      { count: 1, start: at(12, 5) },
    ]);
  });
});

describe("a time that is none is a dead letter of the source", () => {
  test.each([
    ["missing", undefined, "`timeField` must evaluate to a date, found null"],
    ["null", null, "`timeField` must evaluate to a date, found null"],
    ["a text that is no date", "yesterday", /date\/time string/],
  ])("%s", async (_, value, reason) => {
    const document = value === undefined ? { n: 1 } : { at: value };
    const { dead, out } = await through([tumbling(count)], [{ at: at(12, 0) }, document, { at: at(12, 5) }]);
    expect(dead).toMatchObject([{ operatorName: "$source", doc: document }]);
    expect(dead[0]?.["reason"]).toMatch(reason);
    expect(out).toEqual([{ count: 1, start: at(12, 0) }]);
  });
  test("and the year 9999 is one: what comes after it is late", async () => {
    const { dead } = await through([tumbling(count)], [{ at: new Date(Date.UTC(9999, 0, 1)) }, { at: at(12, 0) }]);
    expect(dead).toMatchObject([{ reason: "Input document arrived late." }]);
  });
});

describe("the pipeline of a closed window", () => {
  const documents = [1, 2, 3, 4].map((n) => ({ at: at(12, n), n, by: n % 2 })).concat({ at: at(12, 9), n: 9, by: 0 });
  test("sorts, limits and counts as at rest", async () => {
    expect(
      (await through([tumbling([{ $sort: { n: -1 } }, { $limit: 2 }, { $project: { n: 1 } }])], documents)).out,
    ).toEqual([{ n: 4 }, { n: 3 }]);
    expect((await through([tumbling([{ $match: { by: 1 } }, { $count: "odd" }])], documents)).out).toEqual([
      { odd: 2 },
    ]);
    expect(
      (await through([tumbling([{ $match: { n: { $gt: 2 } } }, { $limit: 1 }, { $unset: "at" }])], documents)).out,
    ).toEqual([{ n: 3, by: 1 }]);
  });
  test("validates with $validate, whose dead letters are those documents alone", async () => {
    const validate = { $validate: { validator: { n: { $ne: 2 } }, validationAction: "dlq" } };
    const { out, dead } = await through([tumbling([validate, ...count])], documents);
    expect(out).toEqual([{ count: 3, start: at(12, 0) }]);
    expect(dead).toMatchObject([
      { operatorName: "$validate", reason: "Input document found to be invalid in $validate stage", doc: { n: 2 } },
    ]);
  });
  test("groups twice, with stages between and after", async () => {
    const pipeline = [
      { $group: { _id: "$by", sum: { $sum: "$n" } } },
      { $set: { half: { $divide: ["$sum", 2] } } },
      { $group: { _id: null, halves: { $push: "$half" } } },
      { $project: { _id: 0, halves: { $sortArray: { input: "$halves", sortBy: 1 } } } },
    ];
    expect((await through([tumbling(pipeline)], documents)).out).toEqual([{ halves: [2, 3] }]);
  });
  test("gives documents in the order in which they came, to those stages that ask", async () => {
    const { out } = await through(
      [tumbling([{ $group: { _id: null, all: { $push: "$n" }, first: { $first: "$n" } } }, { $unset: "_id" }])],
      [3, 1, 2].map((n) => ({ at: at(12, n), n })).concat({ at: at(12, 9), n: 9 }),
    );
    expect(out).toEqual([{ all: [3, 1, 2], first: 3 }]);
  });
  test("knows the window, within and after", async () => {
    const { out } = await through(
      [
        tumbling([{ $group: { _id: null, ends: { $first: { $meta: "stream.window.end" } } } }]),
        { $replaceWith: { ends: "$ends", window: { $meta: "stream.window" }, type: { $meta: "stream.source.type" } } },
      ],
      documents,
    );
    expect(out).toEqual([{ ends: at(12, 5), window: { start: at(12, 0), end: at(12, 5) }, type: "generated" }]);
  });
  test("knows what the source said of each document, until they are grouped", async () => {
    const { out } = await through(
      [
        { $setStreamMeta: { "stream.by": "$by" } },
        tumbling([
          { $group: { _id: { $meta: "stream.by" }, last: { $max: { $meta: "stream.source.ts" } } } },
          { $sort: { _id: 1 } },
        ]),
        { $set: { by: "$_id" } },
      ],
      documents,
    );
    expect(out).toEqual([
      { last: at(12, 4), by: 0 },
      { last: at(12, 3), by: 1 },
    ]);
  });
});

describe("a document that makes the window's pipeline fail", () => {
  const documents = [
    { at: at(12, 1), n: 2 },
    { at: at(12, 2), n: 0 },
    { at: at(12, 3), n: 4 },
    { at: at(12, 9), n: 1 },
  ];
  const bad = { at: at(12, 2), n: 0 };
  test("before documents are grouped is left out alone, and the stage named", async () => {
    const pipeline = [{ $set: { x: { $divide: [8, "$n"] } } }, { $group: { _id: null, sum: { $sum: "$x" } } }];
    const { out, dead } = await through([tumbling([...pipeline, { $unset: "_id" }])], documents);
    expect(out).toEqual([{ sum: 6 }]);
    expect(dead).toMatchObject([
      { operatorName: "$set", doc: bad, reason: "can't $divide by zero", stream: { window: { start: at(12, 0) } } },
    ]);
  });
  test("while they are grouped likewise", async () => {
    const pipeline = [{ $group: { _id: null, sum: { $sum: { $divide: [8, "$n"] } } } }, { $unset: "_id" }];
    const { out, dead } = await through([tumbling(pipeline)], documents);
    expect(out).toEqual([{ sum: 6 }]);
    expect(dead).toMatchObject([{ operatorName: "$group", doc: bad }]);
  });
  test("in one of several windows that close together, the others give what they give", async () => {
    const pipeline = [{ $group: { _id: null, sum: { $sum: { $divide: [8, "$n"] } } } }];
    const sum = [tumbling(pipeline), { $set: { start: { $meta: "stream.window.start" } } }, { $unset: "_id" }];
    const later = [at(12, 6), at(12, 21), at(12, 22)].map((time, index) => ({ at: time, n: index + 1 }));
    const { out, dead } = await through(sum, [...documents.slice(0, 3), ...later, { at: at(13, 0), n: 1 }]);
    // They came together.
    expect(out).toEqual([
      { sum: 6, start: at(12, 0) },
      { sum: 8, start: at(12, 5) },
      { sum: 4 + 8 / 3, start: at(12, 20) },
    ]);
    expect(dead).toMatchObject([{ operatorName: "$group", doc: bad, stream: { window: { start: at(12, 0) } } }]);
  });
  test("after that, the group is the document that fails", async () => {
    const pipeline = [
      { $group: { _id: "$n", n: { $first: "$n" } } },
      { $set: { x: { $divide: [8, "$n"] } } },
      { $group: { _id: null, sum: { $sum: "$x" } } },
      { $unset: "_id" },
    ];
    const { out, dead } = await through([tumbling(pipeline)], documents);
    expect(out).toEqual([{ sum: 6 }]);
    expect(dead).toMatchObject([{ operatorName: "$set", doc: { _id: 0, n: 0 } }]);
  });
  test("after the window is a dead letter that tells which window it was", async () => {
    const { out, dead } = await through(
      [tumbling([{ $group: { _id: "$n" } }]), { $set: { x: { $divide: [8, "$_id"] } } }],
      documents,
    );
    expect(new Set(out.map(({ x }) => x))).toEqual(new Set([2, 4]));
    expect(dead).toMatchObject([{ operatorName: "$set", doc: { _id: 0 }, stream: { window: { end: at(12, 5) } } }]);
  });
});

describe("sessions", () => {
  const session = (more: Document = {}): Document => ({
    $sessionWindow: {
      partitionBy: "$user",
      gap: minutes(5),
      allowedLateness: 0,
      pipeline: [{ $group: { _id: null, all: { $push: "$n" } } }],
      ...more,
    },
  });
  const shown = { $replaceWith: { all: "$all", window: { $meta: "stream.window" } } };
  test("of one user are told apart by the gap, and a document between makes two one", async () => {
    const { out } = await through(
      [session({ allowedLateness: minutes(60) }), shown],
      [
        { at: at(12, 0), user: "ann", n: 1 },
        { at: at(12, 8), user: "ann", n: 2 },
        { at: at(12, 1), user: "bob", n: 3 },
        { at: at(12, 4), user: "ann", n: 4 },
        { at: at(23, 0), user: "bob", n: 5 },
      ],
    );
    expect(out).toEqual([
      { all: [3], window: { start: at(12, 1), end: at(12, 6), partition: "bob" } },
      { all: [1, 4, 2], window: { start: at(12, 0), end: at(12, 13), partition: "ann" } },
    ]);
  });
  test("a `partitionBy` that fails makes a dead letter", async () => {
    const { dead } = await through([session({ partitionBy: { $toInt: "$user" } })], [{ at: at(12, 0), user: "ann" }]);
    expect(dead).toMatchObject([{ operatorName: "$sessionWindow", doc: { user: "ann" } }]);
  });
  test("a number is one partition whatever its type, and a missing value is null", async () => {
    const { Long, Double } = await import("bson");
    const { out } = await through(
      [session(), shown],
      [
        { at: at(12, 0), user: 1, n: 1 },
        { at: at(12, 1), user: Long.fromNumber(1), n: 2 },
        { at: at(12, 2), user: new Double(1), n: 3 },
        { at: at(12, 2), n: 4 },
        { at: at(12, 3), user: null, n: 5 },
        { at: at(12, 3), user: [1], n: 6 },
        { at: at(23, 0), user: 2, n: 7 },
      ],
    );
    expect(out.map(({ all }) => all)).toEqual([[1, 2, 3], [4, 5], [6]]);
  });
});

describe("a source that is idle", () => {
  test("closes its window after `idleTimeout`, and the watermark has moved", async () => {
    const name = freshName();
    const events = mongod.client.db(mongod.db).collection(`${name}_events`);
    let now = 0;
    const source = eventsOf(mongod.db, `${name}_events`) as { $source: Document };
    const pipeline = [
      { $source: { ...source.$source, timeField: { $toDate: "$fullDocument.at" } } },
      tumbling(count, { idleTimeout: minutes(1) }),
      mergeInto(mongod.db, name),
    ];
    const engine = await run(mongod, [{ name, pipeline, options: dlq(mongod.db, `${name}_dlq`) }], {
      clock: () => now,
    });
    const pass = async (toMinutes: number): Promise<number> => {
      now = toMinutes * 60_000;
      await engine.tick();
      await engine.caughtUp();
      return mongod.client.db(mongod.db).collection(name).countDocuments();
    };
    await events.insertOne({ at: at(12, 2) });
    await engine.caughtUp();
    expect(await pass(2.9)).toBe(0);
    expect(await pass(3)).toBe(1);
    await events.insertOne({ at: at(12, 4) });
    await engine.caughtUp();
    expect(await read(`${name}_dlq`)).toMatchObject([{ errInfo: { reason: "Input document arrived late." } }]);
  });
});

test("documents that are too large for one block are all in their window, in the order in which they came", async () => {
  const text = "x".repeat(1_500_000);
  const documents = Array.from({ length: 6 }, (_, id) => ({ id, at: at(12, 0, 6 - id), text }));
  const ids = [{ $group: { _id: "all", ids: { $push: "$id" } } }];
  const { out } = await through([tumbling(ids)], [...documents, { at: at(12, 5) }]);
  expect(out).toEqual([{ ids: [0, 1, 2, 3, 4, 5] }]);
});

test("hundreds of windows that close at once are all given, in their order, and written together", async () => {
  const windows = 750;
  // Every second minute has documents.
  const documents = Array.from({ length: windows * 2 }, (_, index) => ({
    at: at(0, Math.floor(index / 2) * 2, index % 2),
  }));
  const written: Document[][] = [];
  const { out } = await through([tumbling(count, { interval: minutes(1) })], [...documents, { at: at(48, 0) }], {
    onWritten: ({ documents: read }) => {
      const given = read().map((bson) => deserialize(bson));
      if (given.length > 0) written.push(given);
      return undefined;
    },
  });
  const starts = Array.from({ length: windows }, (_, index) => at(0, index * 2));
  expect(out).toEqual(starts.map((start) => ({ count: 2, start })));
  expect(written.flat().map(({ start }) => start as Date)).toEqual(starts);
  expect(written.length).toBeLessThan(10);
});

test("a $group of more than the server keeps in memory goes on on the disk", async () => {
  const own = await withMongod();
  const admin = own.client.db("admin");
  const limit = "internalDocumentSourceGroupMaxMemoryBytes";
  const before: Document = await admin.command({ getParameter: 1, [limit]: 1 });
  // A hundredth of the 100 MB that a server has for it. Who else groups meanwhile may use the disk too.
  await admin.command({ setParameter: 1, [limit]: 1_000_000 });
  onTestFinished(async () => void (await admin.command({ setParameter: 1, [limit]: before[limit] as unknown })));
  const db = mongod.client.db(mongod.db);
  await db.setProfilingLevel("all");
  onTestFinished(async () => void (await db.setProfilingLevel("off")));
  const text = "x".repeat(100_000);
  const documents = Array.from({ length: 40 }, (_, n) => ({ n, at: at(12, 0), text: `${text}${n}` }));
  const group = [{ $group: { _id: { $mod: ["$n", 20] }, texts: { $push: "$text" } } }];
  const sizes = { $set: { n: "$_id", count: { $size: "$texts" }, texts: "$$REMOVE" } };
  const { out } = await through([tumbling(group), sizes], [...documents, { at: at(12, 5) }]);
  expect(out.toSorted((one, other) => Number(one["n"]) - Number(other["n"]))).toEqual(
    Array.from({ length: 20 }, (_, n) => ({ n, count: 2 })),
  );
  expect(await db.collection("system.profile").countDocuments({ usedDisk: true })).toBeGreaterThan(0);
});

test("windows that close together give all they have, however much that is", async () => {
  const each = 2100;
  const documents = Array.from({ length: each * 3 }, (_, n) => ({ n, at: at(12, Math.floor(n / each) * 5) }));
  const group = [{ $group: { _id: "$n", start: { $first: { $meta: "stream.window.start" } } } }];
  // All are open until the last document comes.
  const { out } = await through(
    [tumbling(group, { allowedLateness: { size: 1, unit: "hour" } })],
    [...documents, { n: 0, at: at(14, 0) }],
  );
  const counts = new Map<number, number>();
  for (const { start } of out) counts.set((start as Date).getTime(), (counts.get((start as Date).getTime()) ?? 0) + 1);
  expect([...counts].toSorted(([one], [other]) => one - other)).toEqual(
    [0, 5, 10].map((minute) => [at(12, minute).getTime(), each]),
  );
});

test("windows that close together and give large documents give them one by one", async () => {
  const text = "x".repeat(700_000);
  const documents = Array.from({ length: 12 }, (_, n) => ({ n, text, at: at(12, Math.floor(n / 3) * 5) }));
  const group = [{ $group: { _id: { $meta: "stream.window.start" }, all: { $push: "$$ROOT" } } }];
  const { out } = await through(
    [tumbling(group, { allowedLateness: { size: 1, unit: "hour" } }), { $set: { all: "$all.n", start: "$_id" } }],
    [...documents, { n: 12, at: at(14, 0) }],
  );
  expect(out).toEqual(
    [0, 5, 10, 15].map((minute, w) => ({ all: [3 * w, 3 * w + 1, 3 * w + 2], start: at(12, minute) })),
  );
});
