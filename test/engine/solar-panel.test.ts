import fc from "fast-check";
import { expect, test } from "vitest";
import { nextSolarTick, solarEveryMs, solarReading } from "../../src/engine/core/solar-panel.ts";

const startMs = Date.parse("2026-03-01T00:00:00Z");
const readings = Array.from({ length: 2000 }, (_, at) => solarReading(startMs + at * solarEveryMs));

test("a reading follows from its time alone", () => {
  const again = readings.map((_, at) => solarReading(startMs + at * solarEveryMs)).toReversed();
  expect(again.toReversed()).toEqual(readings);
});

test("every panel and both types of event come, and watts and degrees differ", () => {
  const all = (of: (reading: (typeof readings)[number]) => unknown): number => new Set(readings.map(of)).size;
  expect(all(({ device_id }) => device_id)).toBe(11);
  expect(all(({ event_type }) => event_type)).toBe(2);
  expect(all(({ obs }) => obs.temp)).toBe(20);
  expect(all(({ obs }) => obs.watts)).toBeGreaterThan(300);
});

test("a panel keeps its group and its most watts, which none exceeds", () => {
  expect(all("device_2")).toEqual(["3 250"]);
  for (let device = 0; device < 11; device += 1) expect(all(`device_${device}`)).toHaveLength(1);
  for (const { obs, max_watts } of readings) expect(obs.watts).toBeLessThanOrEqual(max_watts);
  function all(device: string): readonly string[] {
    const own = readings.filter(({ device_id }) => device_id === device);
    return [...new Set(own.map(({ group_id, max_watts }) => `${group_id} ${max_watts}`))];
  }
});

test("no device is far more frequent than another", () => {
  for (let device = 0; device < 11; device += 1) {
    const count = readings.filter(({ device_id }) => device_id === `device_${device}`).length;
    expect(count).toBeGreaterThan(2000 / 11 / 2);
    expect(count).toBeLessThan((2000 / 11) * 2);
  }
});

test("the next tick is after a time, and none lies between", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (afterMs) => {
      const next = nextSolarTick(afterMs);
      expect(next).toBeGreaterThan(afterMs);
      expect(next - afterMs).toBeLessThanOrEqual(solarEveryMs);
      expect(nextSolarTick(next - 1)).toBe(next);
    }),
  );
});
