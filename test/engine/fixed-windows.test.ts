import { describe, expect, test } from "vitest";
import { admit, firstInto, firstOpen, idleWatermark, isClosed, slotOf } from "../../src/engine/core/fixed-windows.ts";
import { planWindow, type FixedWindowPlan } from "../../src/engine/core/plan-window.ts";

const minute = 60_000;
const at = (hour: number, minutes: number): number => Date.UTC(2026, 0, 1, hour, minutes);
const minutes = (size: number) => ({ size, unit: "minute" });
const tumbling = (more: object = {}): FixedWindowPlan =>
  planWindow({
    $tumblingWindow: { interval: minutes(5), allowedLateness: 0, pipeline: [], ...more },
  }) as FixedWindowPlan;
const hopping = (interval: number, hop: number, more: object = {}): FixedWindowPlan =>
  planWindow({
    $hoppingWindow: { interval: minutes(interval), hopSize: minutes(hop), allowedLateness: 0, pipeline: [], ...more },
  }) as FixedWindowPlan;

describe("a window stage, taken apart", () => {
  test("waits three seconds for late documents where it does not say how long", () => {
    expect(planWindow({ $tumblingWindow: { interval: minutes(1), pipeline: [] } })).toEqual({
      operator: "$tumblingWindow",
      kind: "fixed",
      time: "event",
      lengthMs: minute,
      hopMs: minute,
      offsetMs: 0,
      allowedLatenessMs: 3000,
      idleTimeoutMs: undefined,
    });
  });
  test("waits for nobody in processing time", () => {
    expect(tumbling({ boundary: "processingTime", allowedLateness: undefined }).allowedLatenessMs).toBe(0);
  });
  test("is shifted by its offset", () => {
    expect(tumbling({ offset: { offsetFromUtc: 90, unit: "second" } }).offsetMs).toBe(90_000);
  });
});

describe("windows stand on the clock", () => {
  test("from their start on, before their end", () => {
    expect(slotOf(tumbling(), at(12, 5))).toBe(at(12, 5));
    expect(slotOf(tumbling(), at(12, 5) - 1)).toBe(at(12, 0));
    expect(slotOf(tumbling(), at(9, 33))).toBe(at(9, 30));
  });
  test("before 1970 too", () => {
    expect(slotOf(tumbling(), -1)).toBe(-5 * minute);
  });
  test("and with an offset beside it", () => {
    const plan = tumbling({ offset: { offsetFromUtc: 2, unit: "minute" } });
    expect(slotOf(plan, at(12, 1))).toBe(at(11, 57));
    expect(slotOf(plan, at(12, 2))).toBe(at(12, 2));
  });
});

describe("a window closes when the watermark less the lateness has reached its end", () => {
  const plan = tumbling({ allowedLateness: minutes(2) });
  test.each([
    [at(12, 7) - 1, false],
    [at(12, 7), true],
  ])("at %d: %s", (watermark, closed) => {
    expect(isClosed(plan, at(12, 5), watermark)).toBe(closed);
  });
  test("and not before the first event", () => {
    expect(isClosed(plan, at(12, 5), undefined)).toBe(false);
    expect(firstOpen(plan, undefined)).toBe(-Infinity);
  });
  test("the next one is then the first that is open", () => {
    expect(firstOpen(plan, at(12, 7) - 1)).toBe(at(12, 0));
    expect(firstOpen(plan, at(12, 7))).toBe(at(12, 5));
  });
});

describe("a document", () => {
  test("is late once the last window that holds its time is closed", () => {
    const plan = hopping(10, 5);
    expect(admit(plan, at(12, 4), at(12, 9))).toBe("admitted");
    expect(admit(plan, at(12, 4), at(12, 10))).toBe("late");
  });
  test("between two windows is not late: none would ever hold it", () => {
    const plan = hopping(1, 5);
    expect(admit(plan, at(12, 0), undefined)).toBe("admitted");
    expect(admit(plan, at(12, 1), undefined)).toBe("between");
    expect(admit(plan, at(12, 1), at(13, 0))).toBe("between");
  });
  test("is in as many windows as hops fit into one", () => {
    const plan = hopping(10, 5);
    expect(firstInto(plan, at(12, 4), -Infinity)).toEqual({ startMs: at(11, 55), endMs: at(12, 5) });
    expect(firstInto(plan, at(12, 4), at(12, 0))).toEqual({ startMs: at(12, 0), endMs: at(12, 10) });
  });
});

describe("an idle source", () => {
  const hour = 60;
  const plan = (idleTimeout: unknown): FixedWindowPlan =>
    planWindow({ $tumblingWindow: { interval: minutes(hour), idleTimeout, pipeline: [] } }) as FixedWindowPlan;
  const last = at(12, 2);
  const isClosedAfter = (idleTimeout: unknown, idleMinutes: number): boolean => {
    const watermark = idleWatermark(plan(idleTimeout), last, idleMinutes * minute);
    return isClosed(plan(idleTimeout), at(13, 0), watermark);
  };
  test("closes its window after the rest of it, where that is longer than the timeout", () => {
    expect(isClosedAfter(minutes(10), 57)).toBe(false);
    expect(isClosedAfter(minutes(10), 58)).toBe(true);
    expect(isClosedAfter(0, 58)).toBe(true);
  });
  test("closes it after the timeout, where that is longer", () => {
    expect(isClosedAfter(minutes(120), 119)).toBe(false);
    expect(isClosedAfter(minutes(120), 120)).toBe(true);
  });
  test("waits for ever without one", () => {
    expect(isClosedAfter(undefined, 1e9)).toBe(false);
  });
});
