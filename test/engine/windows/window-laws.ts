import fc from "fast-check";
import type { Document } from "bson";
import type { Happening } from "./naive-model.ts";
import type { Story } from "./run-history.ts";

const milliseconds = (size: number): Document => ({ size, unit: "ms" });
const lateness = fc.constantFrom<Document[]>(
  { allowedLateness: 0 },
  { allowedLateness: milliseconds(1) },
  { allowedLateness: milliseconds(7) },
  { allowedLateness: milliseconds(40) },
);
const size = fc.integer({ min: 1, max: 20 });

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
