import { mixBits } from "./mix-bits.ts";

/** A reading of the sample data comes so often. The documentation gives no rate. */
export const solarEveryMs = 250;

/** As many as public output of the sample data shows: `device_0` to `device_10`. */
const devices = 11;
const groups = 10;
/** Of `device_0`, `device_1` and so on, again and again. */
const mostWatts = [450, 360, 250] as const;
const leastTemp = 5;
const temps = 20;
/** One reading in so many is of type 1, the others of type 0. */
const rareEvent = 10;

/** A reading as the sample data holds it. */
export interface SolarReading {
  readonly device_id: string;
  readonly group_id: number;
  /** ISO 8601 with milliseconds and an offset, as text. */
  readonly timestamp: string;
  readonly max_watts: number;
  readonly event_type: 0 | 1;
  readonly obs: { readonly watts: number; readonly temp: number };
}

/**
 * The reading of a tick. What is in it follows from the tick alone: the same tick gives the same reading, whoever asks and whenever.
 *
 * Source: the names, types and sizes are those of public output of `sp.process` on `sample_stream_solar`.
 *
 * @param atMs milliseconds since the epoch
 */
export function solarReading(atMs: number): SolarReading {
  const tick = Math.floor(atMs / solarEveryMs);
  const pick = (which: number, among: number): number => mixBits(tick, which) % among;
  const device = pick(0, devices);
  const most = mostWatts[device % mostWatts.length] ?? 0;
  return {
    device_id: `device_${device}`,
    group_id: (device % groups) + 1,
    timestamp: new Date(atMs).toISOString().replace("Z", "+00:00"),
    max_watts: most,
    event_type: pick(1, rareEvent) === 0 ? 1 : 0,
    obs: { watts: pick(2, most + 1), temp: leastTemp + pick(3, temps) },
  };
}

/** The first tick after a time, both in milliseconds since the epoch. */
export function nextSolarTick(afterMs: number): number {
  return (Math.floor(afterMs / solarEveryMs) + 1) * solarEveryMs;
}
