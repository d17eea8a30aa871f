import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Definition } from "../../src/stages/definition.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { dlq, eventsOf, freshName, mergeInto, run, storedBytes } from "./support.ts";
import { changeStreamsOf } from "./change-streams-of.ts";

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

/** `$divide` fails for events whose `by` is 0. */
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

/** One queue for all: whose a letter is, it says itself. */
const letters = freshName();

/** `$match` of everything keeps the stages out of the change stream. */
const kept = (work: Work): Work => ({ ...work, stages: [{ $match: {} }, ...work.stages] });

function define(name: string, source: string, { types, whole, stages }: Work): Definition {
  const { db } = mongod;
  const match = { operationType: "insert", ...(types === undefined ? {} : { "fullDocument.type": { $in: types } }) };
  const config = { pipeline: [{ $match: match }], fullDocumentOnly: whole !== true };
  return {
    name,
    pipeline: [eventsOf(db, source, config), ...stages, mergeInto(db, name, { whenMatched: "replace" })],
    options: dlq(db, letters),
  };
}

const collection = (name: string) => mongod.client.db(mongod.db).collection<Document>(name);
const insert = async (source: string, events: readonly Document[]): Promise<void> => {
  await collection(source).insertMany(events.map((event) => ({ ...event })));
};

const lettersOf = (name: string): Promise<readonly Document[]> =>
  collection(letters).find({ processorName: name }).sort({ "doc._id": 1 }).toArray();

/** What a processor has made: its read model to the byte, and what its dead letters say. */
async function outcome(
  name: string,
): Promise<{ readonly model: readonly string[]; readonly letters: readonly Document[] }> {
  const all = await lettersOf(name);
  return {
    model: await storedBytes(mongod.client, mongod.db, name),
    letters: all.map(({ doc, operatorName, errInfo, _stream_meta }) => ({
      doc,
      operatorName,
      errInfo,
      at: _stream_meta.source.documentKey,
    })),
  };
}

/** Runs one processor over events. */
async function runAlone(
  stages: readonly Document[],
  events: readonly Document[],
): Promise<{ readonly name: string; readonly documents: readonly Document[] }> {
  const [source, name] = [freshName(), freshName()];
  const engine = await run(mongod, [define(name, source, { stages })]);
  await insert(source, events);
  await engine.caughtUp();
  const deadLetters = (await lettersOf(name)).length;
  expect(engine.stats()).toMatchObject([{ state: "STARTED", input: events.length, deadLetters }]);
  return {
    name,
    documents: await collection(name)
      .find({}, { sort: { _id: 1 } })
      .toArray(),
  };
}

/** How many results the change streams of a collection make of each event. */
async function resultsOf(source: string): Promise<readonly number[]> {
  const streams = await changeStreamsOf(mongod.client, source);
  return [...streams.values()].map((pipeline) => {
    const stage = pipeline.at(-1);
    const results = (stage?.["$project"] ?? stage?.["$set"])?.["__asp_results"];
    return Object.keys(results ?? {}).length;
  });
}

const types = ["A", "B", "C", "D"];
const tags: readonly ((at: number) => unknown)[] = [
  ...[() => ["x", "y"], () => [], () => null, () => "z", () => ["x", null, { deep: [1] }], () => undefined],
  ...[(at: number) => at, (at: number) => [at, `n${at}`]],
];
/** Of all types in turn, some of two; with a field whose keys a JavaScript object would sort. */
const sound = (from: number, count: number): readonly Document[] =>
  Array.from({ length: count }, (_, index) => {
    const at = from + index;
    const tag = tags[at % tags.length]?.(at);
    return {
      _id: at,
      type: at % 9 === 4 ? [types[at % 4], "x"] : types[at % 4],
      total: at % 7 === 0 ? at + 0.5 : at,
      by: 2,
      ...(tag === undefined ? {} : { tags: tag }),
      gone: { 10: 1, 9: 2 },
    };
  });
/** The events of these types; all of them where a processor names none. */
const eventsFor = ({ types }: Work, events: readonly Document[]): readonly Document[] =>
  events.filter(({ type }) => types === undefined || [type].flat().some((each) => types.includes(each as string)));

/** Runs processors whose stages the change stream runs, and again so that it does not: what both make must be the same. */
async function compare(
  all: readonly Work[],
  events: readonly Document[],
): Promise<readonly Awaited<ReturnType<typeof outcome>>[]> {
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
  expect(shared.stats()).toMatchObject(
    all.map((work, at) => ({
      state: "STARTED",
      input: eventsFor(work, events).length,
      deadLetters: ours[at]?.letters.length,
    })),
  );
  return ours;
}

test("a processor gets from its change stream what its stages would make of the events", async () => {
  const [only] = await compare(
    [{ stages: [share, { $unset: ["gone"] }] }],
    [
      { _id: "a", total: 1, by: 2, tags: { 10: 1, 9: 2 } },
      { _id: "b", total: 2.5, by: 2, tags: null },
      { _id: "c", total: 3, by: 2 },
      { _id: "d", total: null, by: 2, tags: ["x"] },
    ],
  );
  expect(only?.model).toHaveLength(4);
});

test("processors that share a change stream get from it what their stages would make of the events", async () => {
  const made = await compare(works, sound(0, 2500));
  expect(made.map(({ letters }) => letters.length)).toEqual(works.map((_, at) => (at === 2 ? expect.any(Number) : 0)));
  expect(made[2]?.model.length).toBeGreaterThan(50);
  expect(made[5]?.model).toHaveLength(2500);
});

test("where the change stream can run the stages of all, it leaves the events behind", async () => {
  await compare(
    works.filter((_, at) => at < 3 || at === 5),
    sound(0, 1200),
  );
});

test("an event that fails in the stages of one is that one's dead letter, and everybody else's document", async () => {
  const failing = [700, 1204, 1264];
  const events = sound(0, 1500).map((event, at) => (failing.includes(at) ? { ...event, by: 0 } : event));
  expect(events[1264]?.["type"]).toEqual(["A", "x"]);
  const made = await compare([works[0], works[1], works[5]] as Work[], events);
  expect(made.map(({ letters }) => letters)).toEqual([
    failing.map((at) => ({
      doc: events[at],
      operatorName: "$replaceWith",
      errInfo: { reason: expect.stringMatching(/divide by zero/i) },
      at: { _id: at },
    })),
    [],
    [],
  ]);
});

test("events that fail in a change stream of one processor become its dead letters, and the others go on", async () => {
  const events = sound(0, 300).map((event, at) => (at % 50 === 7 ? { ...event, by: 0 } : event));
  const { name, documents } = await runAlone([share], events);
  const isSound = ({ by }: Document): boolean => by !== 0;
  expect(documents.map(({ _id, share }) => [_id, Number(share)])).toEqual(
    events.filter(isSound).map(({ _id, total, by }) => [_id, total / by]),
  );
  const found = await lettersOf(name);
  expect(
    found.map(({ doc, operatorName, errInfo, _stream_meta }) => ({ doc, operatorName, errInfo, _stream_meta })),
  ).toEqual(
    events
      .filter((event) => !isSound(event))
      .map((doc) => ({
        doc,
        operatorName: "$replaceWith",
        errInfo: { reason: expect.stringMatching(/divide by zero/i) },
        _stream_meta: { source: expect.objectContaining({ type: "atlas", operationType: "insert" }) },
      })),
  );
});

test("a document that the sink refuses is traced to its event, whoever ran the stages", async () => {
  const { name, documents } = await runAlone(
    [{ $replaceWith: { _id: "$key", at: "$at" } }],
    [
      { _id: 1, key: "a", at: 1 },
      { _id: 2, key: null, at: 2 },
      { _id: 3, key: "b", at: 3 },
    ],
  );
  expect(documents.map(({ _id }) => _id)).toEqual(["a", "b"]);
  expect(await lettersOf(name)).toMatchObject([
    { operatorName: "$merge", doc: { _id: null, at: 2 }, _stream_meta: { source: { documentKey: { _id: 2 } } } },
  ]);
});

test("stages that are nested too deep as one expression run one by one", async () => {
  const plusOne = { $replaceWith: { _id: "$_id", n: { $add: ["$n", 1] } } };
  const stages = Array.from({ length: 80 }, () => plusOne);
  expect((await runAlone(stages, [{ _id: 1, n: 0 }])).documents).toEqual([{ _id: 1, n: 80 }]);
});

test("an event that the filter of one keeps away does not fail in its stages", async () => {
  const source = freshName();
  const [picky, open] = [freshName(), freshName()];
  const engine = await run(mongod, [
    define(picky, source, { types: ["A"], stages: [share] }),
    define(open, source, { types: ["A", "B"], stages: [{ $replaceWith: { _id: "$_id" } }] }),
  ]);
  const events = sound(0, 400).map((event) => ([event["type"]].flat().includes("B") ? { ...event, by: 0 } : event));
  await insert(source, events);
  await engine.caughtUp();
  const [few, more] = [
    eventsFor({ types: ["A"], stages: [] }, events),
    eventsFor({ types: ["A", "B"], stages: [] }, events),
  ];
  expect(engine.stats()).toMatchObject([
    { input: few.length, output: few.length, deadLetters: 0 },
    { input: more.length, output: more.length, deadLetters: 0 },
  ]);
  expect(more.length).toBeGreaterThan(few.length);
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

test("a processor that joins later and others that continue from different places get what is theirs, once", async () => {
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
  const two = await run(mongod, definitions.slice(0, 2));
  await more(600);
  await two.caughtUp();
  await two.stop();
  // The third begins now, the others where they stopped.
  const late = await run(mongod, definitions.slice(2));
  await late.stop();
  for (const one of definitions.slice(1)) {
    await more(1300);
    const alone = await run(mongod, [one]);
    await alone.caughtUp();
    // A change stream that was opened again leaves its cursor behind for a moment.
    await expect.poll(() => resultsOf(source)).toEqual([1]);
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
  const starts = [600, 1900, 3200];
  expect(again.stats().map(({ error, input }) => ({ error, input }))).toEqual(
    three.map((work, at) => ({ error: undefined, input: eventsFor(work, events.slice(starts[at])).length })),
  );

  const plain = three.map(() => freshName());
  const copies = [`${source}_copy`, `${source}_copy`, `${source}_late`];
  const expected = await run(
    mongod,
    three.map((work, at) => define(plain[at] ?? "", copies[at] ?? "", kept(work))),
  );
  await insert(`${source}_copy`, events);
  await insert(`${source}_late`, events.slice(600));
  await expected.caughtUp();
  const made = await Promise.all(names.map(outcome));
  expect(made).toEqual(await Promise.all(plain.map(outcome)));
  expect(made[2]?.model).toHaveLength(events.length - 600);
});
