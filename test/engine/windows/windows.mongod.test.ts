import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { expectStory, runStories, type Story, type Treatment } from "./run-history.ts";
import { latenessOf, story } from "./window-laws.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** So many stories run side by side. */
const together = 10;
const rounds = Math.ceil(Number(process.env["ASP_PROPERTY_RUNS"] ?? 200) / together);

const stories = fc.array(story, { minLength: 1, maxLength: together });

/** Runs the stories in a database of their own, which goes with them. */
async function outcomes(list: readonly Story[], treatment: Treatment): ReturnType<typeof runStories> {
  const own = await connectMongod();
  try {
    return await runStories(own, list, treatment);
  } finally {
    await own.close();
  }
}

describe("every document is in exactly the windows that the model says, or is late", () => {
  const treatments: readonly (readonly [string, fc.Arbitrary<Treatment>])[] = [
    ["in one batch", fc.constant({})],
    ["however the stream is cut", fc.integer({ min: 1, max: 40 }).map((n) => ({ faults: { onePerBatchUntil: n } }))],
    [
      "when every batch comes again",
      fc.integer({ min: 1, max: 40 }).map((n) => ({ faults: { redeliver: true, onePerBatchUntil: n } })),
    ],
    ["when the engine is killed", fc.constant({ kills: 3, faults: { onePerBatchUntil: 40 } })],
  ];
  test.each(treatments)("%s", async (_, treatment) => {
    const law = fc.asyncProperty(stories, treatment, async (list, how) => {
      expect(await outcomes(list, how)).toEqual(list.map(expectStory));
    });
    await fc.assert(law, { numRuns: rounds });
  });
});

test("any order within the lateness gives the same windows, and nothing is late", async () => {
  const law = fc.asyncProperty(
    stories,
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    async (list, jitter) => {
      const ordered = list.map((one) => ({ ...one, history: one.history.toSorted((a, b) => a.timeMs - b.timeMs) }));
      const shaken = ordered.map((one) => {
        const arrival = new Map(one.history.map((each) => [each, each.timeMs + next(jitter) * latenessOf(one)]));
        return { ...one, history: one.history.toSorted((a, b) => (arrival.get(a) ?? 0) - (arrival.get(b) ?? 0)) };
      });
      const results = await outcomes(shaken, {});
      const last = ordered.map(({ history }) => history.at(-1));
      expect(last).toHaveLength(results.length);
      expect(results).toEqual(ordered.map(expectStory));
      expect(results.flatMap(({ late }) => late)).toEqual([]);
    },
  );
  await fc.assert(law, { numRuns: rounds });
});

function next(stream: Iterator<number>): number {
  return Number(stream.next().value ?? 0);
}
