import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Definition } from "../../src/stages/definition.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** What a processor of a test does: the types of events that it takes, and its stages. */
interface Work {
  readonly types?: readonly string[];
  readonly whole?: boolean;
  readonly stages: readonly Document[];
}

const share = { $replaceWith: { _id: "$_id", share: { $divide: ["$total", "$by"] }, tags: "$tags" } };
const works: readonly Work[] = [
  { types: ["A", "B"], stages: [share] },
  { types: ["B", "C"], stages: [{ $replaceWith: { _id: "$_id", all: "$$ROOT" } }, { $unset: ["gone"] }] },
  { types: ["A", "C"], stages: [{ $replaceWith: { key: "$_id", _id: "$tags", n: "$total" } }, { $unwind: "$_id" }] },
  {
    types: ["A"],
    whole: true,
    stages: [
      { $replaceWith: { _id: "$fullDocument._id", list: "$fullDocument.tags", type: "$operationType" } },
      { $unwind: "$list" },
      { $replaceWith: { $mergeObjects: [{ _id: { by: "$_id", tag: "$list" } }, { type: "$type" }] } },
    ],
  },
  // It says where the change stream cannot help: this one's events go to mongod.
  { types: ["B"], stages: [{ $match: { total: { $gte: 0 } } }, share] },
  { stages: [{ $replaceWith: { _id: "$_id", type: "$type" } }] },
];

/** `$match` of everything keeps the stages out of the change stream. */
const kept = (work: Work): Work => ({ ...work, stages: [{ $match: {} }, ...work.stages] });

function define(name: string, source: string, { types, whole, stages }: Work): Definition {
  const { db } = mongod;
  const match = { operationType: "insert", ...(types === undefined ? {} : { "fullDocument.type": { $in: types } }) };
  const config = { pipeline: [{ $match: match }], fullDocumentOnly: whole !== true };
  return {
    name,
    pipeline: [eventsOf(db, source, config), ...stages, mergeInto(db, name, { whenMatched: "replace" })],
    options: dlq(db, `${name}_dlq`),
  };
}

const collection = (name: string) => mongod.client.db(mongod.db).collection<Document>(name);
const insert = async (source: string, events: readonly Document[]): Promise<void> => {
  await collection(source).insertMany(events.map((event) => ({ ...event })));
};

/** What a processor has made: its read model to the byte, and what its dead letters say. */
async function outcome(
  name: string,
): Promise<{ readonly model: readonly string[]; readonly letters: readonly Document[] }> {
  const letters = await collection(`${name}_dlq`)
    .find({}, { projection: { _id: 0, doc: 1, operatorName: 1, errInfo: 1, at: "$_stream_meta.source.documentKey" } })
    .sort({ "doc._id": 1 })
    .toArray();
  return { model: await storedBytes(mongod.client, mongod.db, name), letters };
}

/** How many results the change streams of a collection make of each event. */
async function resultsOf(source: string): Promise<readonly number[]> {
  const ops = await mongod.client
    .db("admin")
    .aggregate([
      { $currentOp: { idleCursors: true, localOps: true } },
      { $match: { "cursor.originatingCommand.aggregate": source } },
    ])
    .toArray();
  const streams = new Map(
    ops.map(({ cursor }) => [String(cursor.cursorId), cursor.originatingCommand.pipeline.at(-1)]),
  );
  return [...streams.values()].map((stage: Document) => {
    const results = (stage["$project"] ?? stage["$set"])?.["__asp_results"];
    return Object.keys(results ?? {}).length;
  });
}

const types = ["A", "B", "C", "D"];
const tags: readonly unknown[] = [["x", "y"], [], null, "z", ["x", null, { deep: [1] }], undefined];
const sound = (from: number, count: number): readonly Document[] =>
  Array.from({ length: count }, (_, index) => {
    const at = from + index;
    const tag = tags[at % tags.length];
    return {
      _id: at,
      type: types[at % 4],
      total: at,
      by: 2,
      ...(tag === undefined ? {} : { tags: tag }),
      gone: { 10: 1, 9: 2 },
    };
  });

async function compare(all: readonly Work[], events: readonly Document[]): Promise<readonly Document[][]> {
  const source = freshName();
  const names = all.map(() => freshName());
  const plain = all.map(() => freshName());
  const shared = await run(
    mongod,
    all.map((work, at) => define(names[at] ?? "", source, work)),
  );
  const [made] = await resultsOf(source);
  expect(made).toBe(all.filter(({ stages }) => !("$match" in (stages[0] ?? {}))).length);
  const apart = await run(
    mongod,
    all.map((work, at) => define(plain[at] ?? "", source, kept(work))),
  );
  await insert(source, events);
  await Promise.all([shared.caughtUp(), apart.caughtUp()]);
  const [ours, theirs] = [await Promise.all(names.map(outcome)), await Promise.all(plain.map(outcome))];
  expect(ours).toEqual(theirs);
  const counts = (engine: typeof shared): readonly unknown[] =>
    engine.stats().map(({ state, input, output, deadLetters }) => ({ state, input, output, deadLetters }));
  expect(counts(shared)).toEqual(counts(apart));
  return ours.map(({ letters }) => [...letters]);
}

test("processors that share a change stream get from it what their stages would make of the events", async () => {
  const letters = await compare(works, sound(0, 2500));
  expect(letters.map(({ length }) => length)).toEqual(works.map((_, at) => (at === 2 ? expect.any(Number) : 0)));
});

test("where the change stream can run the stages of all, it leaves the events behind", async () => {
  await compare(
    works.filter((_, at) => at < 3 || at === 5),
    sound(0, 1200),
  );
});

test("an event that fails in the stages of one is that one's dead letter, and everybody else's document", async () => {
  const events = sound(0, 1500).map((event, at) => (at === 700 || at === 1204 ? { ...event, by: 0 } : event));
  const letters = await compare([works[0], works[1], works[5]] as Work[], events);
  expect(letters.map((list) => list.map(({ doc, operatorName }) => [doc._id, operatorName]))).toEqual([
    [
      [700, "$replaceWith"],
      [1204, "$replaceWith"],
    ],
    [],
    [],
  ]);
});

test("an event that the filter of one keeps away does not fail in its stages", async () => {
  const source = freshName();
  const [picky, open] = [freshName(), freshName()];
  const engine = await run(mongod, [
    define(picky, source, { types: ["A"], stages: [share] }),
    define(open, source, { types: ["A", "B"], stages: [{ $replaceWith: { _id: "$_id" } }] }),
  ]);
  await insert(
    source,
    sound(0, 400).map((event) => (event["type"] === "B" ? { ...event, by: 0 } : event)),
  );
  await engine.caughtUp();
  expect(engine.stats()).toMatchObject([
    { input: 100, output: 100, deadLetters: 0 },
    { input: 200, output: 200, deadLetters: 0 },
  ]);
  expect(await resultsOf(source)).toEqual([2]);
});

test("a filter over an array within an array is decided without the change stream", async () => {
  const source = freshName();
  const [one, other] = [freshName(), freshName()];
  const tagged = (name: string, text: string): Definition => {
    const definition = define(name, source, { stages: [{ $replaceWith: { _id: "$_id" } }] });
    const pipeline = [{ $match: { operationType: "insert", "fullDocument.tags.t": text } }];
    return { ...definition, pipeline: [eventsOf(mongod.db, source, { pipeline }), ...definition.pipeline.slice(1)] };
  };
  const engine = await run(mongod, [tagged(one, "a"), tagged(other, "b")]);
  await insert(source, [
    { _id: 1, tags: [{ t: "a" }, { t: ["b"] }] },
    { _id: 2, tags: { t: ["b", "c"] } },
    { _id: 3, tags: [[{ t: "a" }]] },
    { _id: 4, tags: { t: "a" } },
  ]);
  await engine.caughtUp();
  const ids = async (name: string): Promise<readonly unknown[]> =>
    (
      await collection(name)
        .find({}, { sort: { _id: 1 } })
        .toArray()
    ).map(({ _id }) => _id);
  expect(await ids(one)).toEqual([1, 4]);
  expect(await ids(other)).toEqual([1, 2]);
});

test("processors that continue from different places and come together are served from where each of them is", async () => {
  const source = freshName();
  const three = [works[0], works[1], works[5]] as Work[];
  const names = three.map(() => freshName());
  const definitions = three.map((work, at) => define(names[at] ?? "", source, work));
  const failing = (events: readonly Document[]): readonly Document[] =>
    events.map((event) => (Number(event["_id"]) % 611 === 0 ? { ...event, by: 0 } : event));
  const events: Document[] = [];
  const more = async (count: number): Promise<void> => {
    const next = failing(sound(events.length, count));
    events.push(...next);
    await insert(source, next);
  };
  const all = await run(mongod, definitions);
  await more(600);
  await all.caughtUp();
  await all.stop();
  for (const one of definitions.slice(1)) {
    await more(1300);
    const alone = await run(mongod, [one]);
    await alone.caughtUp();
    expect(await resultsOf(source)).toEqual([1]);
    await alone.stop();
  }
  await more(900);
  const again = await run(mongod, definitions);
  for (let round = 0; round < 10; round += 1) {
    await more(100);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await again.caughtUp();
  while ((await resultsOf(source)).length > 1) await again.caughtUp();
  await more(500);
  await again.caughtUp();
  expect(await resultsOf(source)).toEqual([3]);
  expect(again.stats().map(({ error }) => error)).toEqual([undefined, undefined, undefined]);

  const plain = three.map(() => freshName());
  const expected = await run(
    mongod,
    three.map((work, at) => define(plain[at] ?? "", `${source}_copy`, kept(work))),
  );
  await insert(`${source}_copy`, events);
  await expected.caughtUp();
  expect(await Promise.all(names.map(outcome))).toEqual(await Promise.all(plain.map(outcome)));
});
