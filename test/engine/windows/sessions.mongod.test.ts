import { Double, serialize, type Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planWindow, type SessionWindowPlan } from "../../../src/engine/core/plan-window.ts";
import { createKeptDocuments, type KeptDocuments } from "../../../src/engine/windows/kept-documents.ts";
import { createSessionKeeper } from "../../../src/engine/windows/session-keeper.ts";
import type { Arrival, WindowKeeper } from "../../../src/engine/windows/window-keeper.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { freshName, mergeInto, run } from "../support.ts";
import { expectStory, runStories } from "./run-history.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const gap5 = { $sessionWindow: { gap: { size: 5, unit: "ms" }, allowedLateness: 0, partitionBy: "$who" } };

interface Setup {
  readonly keeper: WindowKeeper;
  readonly kept: KeptDocuments;
  /** Ids in the windows that close at a watermark, as `partition: ids`. */
  readonly close: (watermarkMs: number) => Promise<readonly string[]>;
}

async function setUp(bytesAtHand?: number): Promise<Setup> {
  const db = mongod.client.db(mongod.db);
  const name = freshName();
  const kept = createKeptDocuments(db, name);
  await kept.prepare();
  const plan = planWindow({ $sessionWindow: { ...gap5.$sessionWindow, pipeline: [] } }) as SessionWindowPlan;
  const keeper = createSessionKeeper(plan, kept, db, `${name}_sessions`, bytesAtHand);
  const close = async (watermarkMs: number): Promise<readonly string[]> => {
    const windows: string[] = [];
    for await (const { filter, partition } of keeper.close(watermarkMs)) {
      const found = await kept.collection.find(filter, { projection: { _id: 0, id: "$d.id" } }).toArray();
      const ids = found.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
      windows.push(`${String(partition?.value)}: ${ids.join(" ")}`);
    }
    return windows;
  };
  return { keeper, kept, close };
}

function arrival(id: number, who: unknown, timeMs: number, watermarkMs = timeMs): Arrival {
  return { document: serialize({ id }), timeMs, watermarkMs, partition: who, stream: undefined };
}

const happening = (id: number, timeMs: number, who: number): { id: number; timeMs: number; who: number } => ({
  id,
  timeMs,
  who,
});

test("two sessions of a partition that begin at the same time and close together are both given", async () => {
  const history = [
    happening(0, 10, 0),
    // Closes the first, and leaves room for one that begins after it.
    happening(1, 15, 1),
    happening(2, 14, 0),
    happening(3, 10, 0),
    happening(4, 100, 0),
  ];
  const story = { window: gap5, history };
  expect(expectStory(story).closed).toHaveLength(3);
  expect(await runStories(mongod, [story])).toEqual([expectStory(story)]);
});

test("a partition that is a plain path is what mongod says it is, also through an array", async () => {
  const name = freshName();
  const values = [{ b: 1 }, { b: new Double(1) }, [{ b: 1 }, { b: 2 }], 5, undefined, { b: null }];
  const documents = [...values.map((a) => ({ at: 0, ...(a !== undefined && { a }) })), { at: 100, a: "late" }];
  const pipeline = [{ $group: { _id: { is: { $meta: "stream.window.partition" } }, n: { $sum: 1 } } }];
  const definition = {
    name,
    pipeline: [
      { $source: { documents, timeField: { $toDate: { $toLong: "$at" } } } },
      { $sessionWindow: { ...gap5.$sessionWindow, partitionBy: "$a.b", pipeline } },
      mergeInto(mongod.db, name),
    ],
  };
  const engine = await run(mongod, [definition]);
  await engine.caughtUp();
  const found = await mongod.client.db(mongod.db).collection(name).find().sort({ _id: 1 }).toArray();
  expect(found).toEqual([
    { _id: { is: null }, n: 3 },
    { _id: { is: 1 }, n: 2 },
    { _id: { is: [1, 2] }, n: 1 },
  ]);
});

describe("a session that was closed after the last checkpoint", () => {
  test("keeps its documents while a later chunk is tried again", async () => {
    const { keeper, close } = await setUp();
    await keeper.begin(undefined);
    await keeper.admit([arrival(1, "a", 10), arrival(2, "a", 12)]);
    expect(await close(12)).toEqual([]);
    const stored = keeper.state();
    await keeper.stored(stored);
    await keeper.admit([arrival(3, "b", 20)]);
    expect(await close(20)).toEqual(["a: 1 2"]);
    const reached = keeper.state();
    await keeper.admit([arrival(4, "a", 21)]);
    // A network cut: the chunk comes again.
    await keeper.begin(reached);
    await keeper.admit([arrival(4, "a", 21)]);
    expect(await close(30)).toEqual(["b: 3", "a: 4"]);
    // A crash: all since the checkpoint comes again.
    await keeper.stored(stored);
    await keeper.begin(stored);
    await keeper.admit([arrival(3, "b", 20)]);
    expect(await close(20)).toEqual(["a: 1 2"]);
  });

  test("is not opened again by that", async () => {
    const { keeper, close } = await setUp();
    await keeper.begin(undefined);
    await keeper.admit([arrival(1, "a", 10), arrival(2, "b", 15), arrival(3, "a", 14, 15), arrival(4, "a", 10, 15)]);
    expect(await close(15)).toEqual(["a: 1"]);
    await keeper.begin(keeper.state());
    expect(await close(100)).toEqual(["a: 3 4", "b: 2"]);
  });
});

describe("more open sessions than are kept at hand", () => {
  test("are joined, made one and closed like others", async () => {
    const { keeper, close } = await setUp(0);
    await keeper.begin(undefined);
    const all = Array.from({ length: 50 }, (_, who) => arrival(who, `p${String(who).padStart(2, "0")}`, 100));
    await keeper.admit(all);
    expect(await close(100)).toEqual([]);
    await keeper.admit([arrival(100, "p07", 108, 100), arrival(101, "p08", 104, 100)]);
    await keeper.admit([arrival(102, "p07", 104, 104)]);
    const windows = await close(109);
    expect(windows).toHaveLength(49);
    expect(windows).toContain("p08: 8 101");
    expect(await close(112)).toEqual([]);
    await keeper.stored(keeper.state());
    expect(await close(113)).toEqual(["p07: 7 100 102"]);
  });

  test("are found again by a restart, whatever a partition is", async () => {
    const { keeper, close } = await setUp(0);
    await keeper.begin(undefined);
    const odd: readonly Document[] = [
      { b: 1, "1": 2 },
      new Map([
        ["b", 1],
        ["1", 2],
      ]),
      [1, 2],
      [],
    ];
    await keeper.admit(odd.map((who, at) => arrival(at, who, 100)));
    await close(100);
    const state = keeper.state();
    await keeper.stored(state);
    await keeper.begin(state);
    await keeper.admit(odd.map((who, at) => arrival(10 + at, who, 104)));
    const windows = await close(200);
    expect(windows.map((window) => window.replace(/^.*: /, "")).toSorted()).toEqual(["0 10", "1 11", "2 12", "3 13"]);
  });
});
