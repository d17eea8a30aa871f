import fc from "fast-check";
import type { Document } from "bson";
import type { Happening } from "./naive-model.ts";
import type { Message, Turn } from "./naive-time.ts";
import type { Story } from "./run-history.ts";
import type { TopicStory } from "./run-turns.ts";

const milliseconds = (size: number): Document => ({ size, unit: "ms" });
const lateness = fc.constantFrom<Document[]>(
  { allowedLateness: 0 },
  { allowedLateness: milliseconds(1) },
  { allowedLateness: milliseconds(7) },
  { allowedLateness: milliseconds(40) },
);
const size = fc.integer({ min: 1, max: 20 });
const mostTurns = 12;

/** Tumbling, hopping (overlapping and with gaps) and session windows of a few milliseconds. */
export const windows: fc.Arbitrary<Document> = fc.oneof(
  fc
    .record({ interval: size, offset: fc.option(fc.integer({ min: 1, max: 9 })), rest: lateness })
    .map(({ interval, offset, rest }) => ({
      $tumblingWindow: { interval: milliseconds(interval), ...offsetOf(offset), ...rest },
    })),
  fc
    .record({ interval: size, hop: size, offset: fc.option(fc.integer({ min: 1, max: 9 })), rest: lateness })
    .map(({ interval, hop, offset, rest }) => ({
      $hoppingWindow: { interval: milliseconds(interval), hopSize: milliseconds(hop), ...offsetOf(offset), ...rest },
    })),
  fc.record({ gap: size, rest: lateness }).map(({ gap, rest }) => ({
    $sessionWindow: { gap: milliseconds(gap), partitionBy: "$who", ...rest },
  })),
);

function offsetOf(offset: number | null): Document {
  return offset === null ? {} : { offset: { offsetFromUtc: offset, unit: "ms" } };
}

/** Times that mostly move on, often by a window's very bound, and sometimes jump back or far ahead. */
export const history: fc.Arbitrary<readonly Happening[]> = fc
  .array(
    fc.record({
      step: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) },
        { weight: 3, arbitrary: fc.integer({ min: -25, max: 0 }) },
        { weight: 1, arbitrary: fc.integer({ min: 20, max: 200 }) },
      ),
      who: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    // Also times before 1970.
    let timeMs = -20;
    return steps.map(({ step, who }, id) => {
      timeMs += step;
      return { id, timeMs, who };
    });
  });

export const story: fc.Arbitrary<Story> = fc.record({ window: windows, history });

/** How long a window of a story waits for late documents. */
export function latenessOf({ window }: Story): number {
  const [args] = Object.values(window) as [Document];
  const allowed: unknown = args["allowedLateness"];
  return typeof allowed === "number" ? allowed : (allowed as { readonly size: number }).size;
}

/** Moves of a clock that mostly goes on, is set back at times, and goes on while the engine is stopped. */
export const turns: fc.Arbitrary<readonly Turn[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ moveMs: fc.integer({ min: 0, max: 8 }) }) },
      { weight: 3, arbitrary: fc.record({ moveMs: fc.integer({ min: 9, max: 60 }) }) },
      { weight: 1, arbitrary: fc.record({ moveMs: fc.integer({ min: -40, max: -1 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({ moveMs: fc.integer({ min: 0, max: 8 }), stoppedMs: fc.integer({ min: 0, max: 40 }) }),
      },
    ),
    { minLength: 1, maxLength: mostTurns },
  )
  // The topics are known before the clock is moved.
  .map((moves) => [{ moveMs: 0 }, ...moves]);

/** Windows of event time, some of which do not wait for ever, and windows of the clock. */
const topicWindows: fc.Arbitrary<Document> = fc.oneof(
  fc.record({ window: windows, idleTimeout: fc.option(size) }).map(({ window, idleTimeout }) => {
    const [name = ""] = Object.keys(window);
    if (idleTimeout === null || name === "$sessionWindow") return window;
    return { [name]: { ...(window[name] as Document), idleTimeout: milliseconds(idleTimeout) } };
  }),
  windows.map((window) => {
    const [name = ""] = Object.keys(window);
    const { allowedLateness: _, ...args } = window[name] as Document;
    return { [name]: { ...args, boundary: "processingTime" } };
  }),
);

/** A window over one partition or several, with a message in most turns and in the first. */
export const topicStory: fc.Arbitrary<TopicStory> = fc
  .record({
    window: topicWindows,
    partitions: fc.integer({ min: 1, max: 3 }),
    partitionIdleMs: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    steps: fc.array(
      fc.option(
        fc.record({
          step: fc.integer({ min: -15, max: 40 }),
          who: fc.integer({ min: 0, max: 2 }),
          partition: fc.integer({ min: 0, max: 2 }),
        }),
        { freq: 3, nil: undefined },
      ),
      { minLength: mostTurns, maxLength: mostTurns },
    ),
  })
  .map(({ steps, ...story }) => {
    let timeMs = 1000;
    const messages = [{ step: 0, who: 0, partition: 0 }, ...steps].map((each, id): Message | undefined => {
      if (each === undefined) return undefined;
      timeMs += each.step;
      return { id, timeMs, who: each.who, partition: each.partition % story.partitions };
    });
    return { ...story, messages };
  });
