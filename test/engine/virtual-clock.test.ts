import { Timestamp } from "bson";
import { expect, test } from "vitest";
import { createVirtualClock } from "../../src/engine/virtual-clock.ts";

test("the clock of a case begins with the year 2000, and knows what it showed when a change was made", () => {
  const clock = createVirtualClock();
  const at = (seconds: number, increment: number): string =>
    new Date(clock.timeOf(new Timestamp({ t: seconds, i: increment }))).toISOString();
  expect(new Date(clock.now()).toISOString()).toBe("2000-01-01T00:00:00.000Z");
  clock.advance(60_000, new Timestamp({ t: 4_000_000_000, i: 2 }));
  clock.advance(1, new Timestamp({ t: 4_000_000_001, i: 1 }));
  expect(new Date(clock.now()).toISOString()).toBe("2000-01-01T00:01:00.001Z");
  expect([at(4_000_000_000, 2), at(4_000_000_000, 3), at(4_000_000_001, 1), at(4_000_000_001, 2)]).toEqual([
    "2000-01-01T00:00:00.000Z",
    "2000-01-01T00:01:00.000Z",
    "2000-01-01T00:01:00.000Z",
    "2000-01-01T00:01:00.001Z",
  ]);
});
