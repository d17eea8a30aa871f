import fc from "fast-check";
import { expect } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { expectStory, runStories, type Story, type Treatment } from "./run-history.ts";
import { expectTopicStory, runTurns } from "./run-turns.ts";
import { latenessOf, story, topicStory, turns } from "./window-laws.ts";

/** The same seed finds the same histories again: `ASP_SEED=… npx vitest run …`. */
export const seed: number = Number(process.env["ASP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

process.stderr.write(`laws of windows: ASP_SEED=${seed}\n`);

/** At most so many stories run side by side in one engine: to start one takes longer than a story. */
const together = 50;
const sideBySide = { minLength: 1, maxLength: together, size: "max" } as const;
const stories = fc.array(story, sideBySide);

/** What may happen to a stream without making a difference. */
export const treatments: readonly (readonly [string, fc.Arbitrary<Treatment>])[] = [
  ["in one batch", fc.constant({})],
  ["however the stream is cut", fc.integer({ min: 1, max: 40 }).map((n) => ({ faults: { onePerBatchUntil: n } }))],
  [
    "when every batch comes again",
    fc.integer({ min: 1, max: 40 }).map((n) => ({ faults: { redeliver: true, onePerBatchUntil: n } })),
  ],
  ["when the engine is killed", fc.constant({ kills: 3, faults: { onePerBatchUntil: 40 } })],
];

/** Every document is in exactly the windows that the model says, or is late. Returns how many histories were tried. */
export async function checkModel(treatment: fc.Arbitrary<Treatment>, histories: number): Promise<number> {
  return tryHistories(histories, (count) =>
    fc.asyncProperty(stories, treatment, async (list, how) => {
      count(list.length);
      expect(await outcomes(list, how)).toEqual(list.map(expectStory));
    }),
  );
}

/** Any order within the lateness gives the same windows, and nothing is late. Returns how many histories were tried. */
export async function checkOrder(histories: number): Promise<number> {
  const jitters = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  return tryHistories(histories, (count) =>
    fc.asyncProperty(stories, jitters, async (list, jitter) => {
      count(list.length);
      const ordered = list.map((one) => ({ ...one, history: one.history.toSorted((a, b) => a.timeMs - b.timeMs) }));
      const shaken = ordered.map((one) => {
        const arrival = new Map(one.history.map((each) => [each, each.timeMs + next(jitter) * latenessOf(one)]));
        return { ...one, history: one.history.toSorted((a, b) => (arrival.get(a) ?? 0) - (arrival.get(b) ?? 0)) };
      });
      const results = await outcomes(shaken, {});
      expect(results).toEqual(ordered.map(expectStory));
      expect(results.flatMap(({ late }) => late)).toEqual([]);
    }),
  );
}

/**
 * Windows of the clock, those that close where their source is idle, and partitions that are waited for or left out: each does what the model
 * says, however the clock is moved and whenever the engine is stopped. Returns how many histories were tried.
 */
export async function checkTime(histories: number): Promise<number> {
  return tryHistories(histories, (count) =>
    fc.asyncProperty(fc.array(topicStory, sideBySide), turns, async (list, moves) => {
      count(list.length);
      const results = await inOwnDatabase((own) => runTurns(own, list, moves));
      expect(results).toEqual(list.map((each) => expectTopicStory(each, moves)));
    }),
  );
}

/** A run of a law takes one story or several, so their number is counted and not worked out. */
async function tryHistories<Parts>(
  histories: number,
  toLaw: (count: (tried: number) => void) => fc.IAsyncProperty<Parts>,
): Promise<number> {
  let tried = 0;
  const law = toLaw((more) => {
    tried += more;
  });
  for (let part = 0; tried < histories; part += 1) await fc.assert(law, { numRuns: 4, seed: seed + part });
  return tried;
}

async function outcomes(list: readonly Story[], treatment: Treatment): ReturnType<typeof runStories> {
  return inOwnDatabase((own) => runStories(own, list, treatment));
}

/** Stories have a database of their own, which goes with them. */
async function inOwnDatabase<Result>(work: (own: TestDatabase) => Promise<Result>): Promise<Result> {
  const own = await connectMongod();
  try {
    return await work(own);
  } finally {
    await own.close();
  }
}

function next(stream: Iterator<number>): number {
  return Number(stream.next().value ?? 0);
}
