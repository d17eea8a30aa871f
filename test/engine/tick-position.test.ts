import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSchedule, type Schedule } from "../../src/compiler/parse-schedule.ts";
import { nextTick } from "../../src/engine/core/next-tick.ts";
import { afterNextTick, pausedAt, resumedAt, type TickPosition } from "../../src/engine/core/tick-position.ts";

const everySecond = (afterMs: number): number | undefined =>
  nextTick(parseSchedule("* * * * * *") as Schedule, afterMs);
const begin = (tickMs: number): TickPosition => ({ tickMs, pauses: [] });

/** The ticks that come while the clock goes up to `untilMs`. */
function read(
  from: TickPosition,
  untilMs: number,
): { readonly seconds: readonly number[]; readonly reached: TickPosition } {
  const seconds: number[] = [];
  let reached = from;
  for (let next = afterNextTick(everySecond, reached); next !== undefined && next.tickMs <= untilMs;) {
    reached = next;
    seconds.push(reached.tickMs / 1000);
    next = afterNextTick(everySecond, reached);
  }
  return { seconds, reached };
}

test("ticks that a crash missed come, those of a stop do not", () => {
  const first = read(begin(0), 3000);
  expect(first.seconds).toEqual([1, 2, 3]);
  const afterCrash = read(resumedAt(first.reached, 6000), 6000);
  expect(afterCrash.seconds).toEqual([4, 5, 6]);
  const afterStop = read(resumedAt(pausedAt(afterCrash.reached, 6500), 9500), 11_000);
  expect(afterStop.seconds).toEqual([10, 11]);
  expect(afterStop.reached).toEqual(begin(11_000));
});

test("what was due before the stop comes after it, also where the processor is stopped again before that", () => {
  const twice = resumedAt(pausedAt(resumedAt(pausedAt(begin(0), 2000), 5000), 6000), 8000);
  expect(read(twice, 10_000).seconds).toEqual([1, 2, 6, 9, 10]);
});

test("nothing comes of a processor that is stopped", () => {
  expect(afterNextTick(everySecond, pausedAt(begin(1000), 1000))).toBeUndefined();
});

test("a clock that goes back brings no tick again", () => {
  const { reached } = read(begin(0), 5000);
  expect(read(resumedAt(pausedAt(reached, 5000), 2000), 7000).seconds).toEqual([6, 7]);
});

test("however it is stopped and killed, each tick comes once unless it fell into a stop", () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 4000 }), then: fc.constantFrom("run", "crash", "stop") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const seen: number[] = [];
      const expected: number[] = [];
      let nowMs = 0;
      let position = begin(0);
      const pass = (ms: number, ticks: boolean): void => {
        for (let second = Math.floor(nowMs / 1000) + 1; second * 1000 <= nowMs + ms; second += 1) {
          if (ticks) expected.push(second);
        }
        nowMs += ms;
      };
      const catchUp = (): void => {
        const { seconds, reached } = read(position, nowMs);
        seen.push(...seconds);
        position = reached;
      };
      for (const { ms, then } of steps) {
        pass(ms, then !== "stop");
        if (then === "run") catchUp();
        else if (then === "crash") position = resumedAt(position, nowMs);
        else position = resumedAt(pausedAt(position, nowMs - ms), nowMs);
      }
      catchUp();
      expect(seen).toEqual(expected);
    }),
  );
});
