import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSchedule } from "../../src/compiler/parse-schedule.ts";
import { nextTick } from "../../src/engine/core/next-tick.ts";

function ticks(text: string, from: string, count: number): readonly (string | undefined)[] {
  const schedule = parseSchedule(text);
  if (schedule === undefined) throw new Error(`${text} is no schedule`);
  const found: (string | undefined)[] = [];
  for (let at: number | undefined = Date.parse(from); at !== undefined && found.length < count;) {
    at = nextTick(schedule, at);
    found.push(at === undefined ? undefined : new Date(at).toISOString().replace(".000Z", "Z"));
  }
  return found;
}

describe("the ticks of a schedule", () => {
  test.each([
    [
      "a step without an end",
      "0 0/15 * * * *",
      "2026-03-01T09:50:00Z",
      ["2026-03-01T10:00:00Z", "2026-03-01T10:15:00Z"],
    ],
    ["a list", "5,50 0 0 * * *", "2026-03-01T00:00:05Z", ["2026-03-01T00:00:50Z", "2026-03-02T00:00:05Z"]],
    ["a range", "0 0 9-10 * * *", "2026-03-01T10:00:00Z", ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"]],
    ["names", "0 0 0 * feb MON-TUE", "2026-03-01T00:00:00Z", ["2027-02-01T00:00:00Z", "2027-02-02T00:00:00Z"]],
    ["Sunday as 7", "0 0 0 * * 7", "2026-03-01T00:00:00Z", ["2026-03-08T00:00:00Z", "2026-03-15T00:00:00Z"]],
    ["Sunday at the end", "0 0 0 * * 6-7", "2026-03-01T00:00:00Z", ["2026-03-07T00:00:00Z", "2026-03-08T00:00:00Z"]],
    [
      "both days, which must match",
      "0 0 0 13 * FRI",
      "2026-01-01T00:00:00Z",
      ["2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z"],
    ],
    ["a leap day", "0 0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"]],
    ["a leap day on a Monday", "0 0 0 29 2 MON", "2072-03-01T00:00:00Z", ["2112-02-29T00:00:00Z"]],
    ["a step past the end", "0 0 0 1/100 * *", "2026-01-01T00:00:00Z", ["2026-02-01T00:00:00Z"]],
    ["a day that no month has", "0 0 0 30 2 *", "2026-01-01T00:00:00Z", [undefined]],
  ])("%s", (_, text, from, expected) => expect(ticks(text, from, expected.length)).toEqual(expected));

  test("are after the time given, and on whole seconds", () => {
    expect(ticks("* * * * * *", "2026-03-01T00:00:00.001Z", 1)).toEqual(["2026-03-01T00:00:01Z"]);
    expect(ticks("* * * * * *", "2026-03-01T00:00:01Z", 1)).toEqual(["2026-03-01T00:00:02Z"]);
    expect(ticks("* * * * * *", "1969-12-31T23:59:58.500Z", 2)).toEqual([
      "1969-12-31T23:59:59Z",
      "1970-01-01T00:00:00Z",
    ]);
  });

  test("end with the dates that there are", () => {
    expect(ticks("0 0 0 1 1 *", "+275760-09-12T00:00:00Z", 1)).toEqual([undefined]);
  });

  test("are those that croner finds", () => {
    const item = (least: number, most: number): fc.Arbitrary<string> => {
      const value = fc.integer({ min: least, max: most });
      const step = fc.integer({ min: 1, max: most });
      const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
      return fc.oneof(
        value.map(String),
        range,
        fc.tuple(range, step).map(([part, by]) => `${part}/${by}`),
        step.map((by) => `*/${by}`),
        fc.tuple(value, step).map(([from, by]) => `${from}/${by}`),
      );
    };
    const field = (least: number, most: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constant("*"),
        fc.array(item(least, most), { minLength: 1, maxLength: 3 }).map((items) => items.join(",")),
      );
    const schedule = fc
      .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
      .map((fields) => fields.join(" "));
    const from = fc.date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(schedule, from, (text, at) => {
        const peer = new Cron(text, {
          utcOffset: 0,
          paused: true,
          mode: "6-part",
          domAndDow: true,
          sloppyRanges: true,
        });
        const expected: (string | undefined)[] = [];
        for (let next: Date | null = at; next !== null && expected.length < 3;) {
          next = peer.nextRun(next);
          // What lies beyond our horizon may be found there.
          if (next !== null && next.getUTCFullYear() > at.getUTCFullYear() + 100) next = null;
          expected.push(next?.toISOString().replace(".000Z", "Z"));
        }
        expect(ticks(text, at.toISOString(), expected.length)).toEqual(expected);
      }),
    );
  });
});
