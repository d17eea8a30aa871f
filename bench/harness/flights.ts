import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Document } from "mongodb";

/** Where the benchmarks' data is: bundled, they stand elsewhere. */
const dataFile = join(process.env["ASP_ROOT"] ?? ".", "bench/data/flights-20k.json.gz");

interface FlightRecord {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

const quarterMs = 90 * 24 * 3_600_000;

/** The last document, which closes every window before it. */
export const lastFlight = new Date(Date.UTC(2010, 0, 1));

/**
 * The flight records of a quarter of 2001, as often as asked for, each time a quarter later: in the order of their dates. At the end
 * comes one of much later.
 */
export function* flights(times: number): Generator<Document> {
  const records = JSON.parse(gunzipSync(readFileSync(dataFile)).toString()) as readonly FlightRecord[];
  for (let turn = 0; turn < times; turn += 1) {
    for (const [index, { date, ...flight }] of records.entries()) {
      const at = new Date(Date.parse(`${date.replaceAll("/", "-").replace(" ", "T")}:00Z`) + turn * quarterMs);
      yield { _id: turn * records.length + index, at, ...flight };
    }
  }
  yield { _id: -1, at: lastFlight, origin: "none" };
}
