import { readFileSync } from "node:fs";
import { EJSON } from "bson";
import { expect, test } from "vitest";

// The expected documents come from here, never from `asp test --update`: `npx vitest run test/sample -u` writes them.

interface Flight {
  readonly _id: number;
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

const fixture = (name: string): string => `../fixtures/flight-delays/${name}`;
const minute = 60_000;
const hour = 60 * minute;

const flights = readFileSync(new URL(fixture("given/flights.departures.ndjson"), import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Flight);

/** `2001/01/01 00:47` */
function timeOf({ date }: Flight): number {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0] = date.split(/\D/).map(Number);
  return Date.UTC(year, month - 1, day, hours, minutes);
}

test("the records are those of one day, in the order in which their planes left", () => {
  expect(flights).toHaveLength(219);
  expect(new Set(flights.map(({ _id }) => _id)).size).toBe(219);
  expect(new Set(flights.map(({ date }) => date.slice(0, 10)))).toEqual(new Set(["2001/01/02"]));
  const left = flights.map((flight) => timeOf(flight) + flight.delay * minute);
  expect(left).toEqual(left.toSorted((a, b) => a - b));
});

/** Each hour that begins at a full or a half one, with all flights that came before it was closed, in the simplest way that there is. */
function computeDelays(): { readonly delays: readonly object[]; readonly late: readonly object[] } {
  const windows = new Map<number, Flight[]>();
  const late: Flight[] = [];
  let watermark = -Infinity;
  for (const flight of flights) {
    const time = timeOf(flight);
    watermark = Math.max(watermark, time);
    const half = time - (time % (hour / 2));
    const starts = [half - hour / 2, half];
    const open = starts.filter((start) => watermark - 3 * hour < start + hour);
    if (open.length === 0) late.push(flight);
    for (const start of open) windows.set(start, [...(windows.get(start) ?? []), flight]);
  }
  // The source is idle for two hours after that: windows that end within them are closed, the others stay open.
  const closed = [...windows].filter(([start]) => start + hour <= watermark + 2 * hour);
  const delays = closed.toSorted(([a], [b]) => a - b).flatMap(([start, all]) => delaysOf(start, all));
  return { delays, late: late.map((doc) => ({ doc, errInfo: { reason: "Input document arrived late." } })) };
}

function delaysOf(start: number, all: readonly Flight[]): readonly object[] {
  return [...new Set(all.map(({ origin }) => origin))].toSorted().map((origin) => {
    const minutes = all.filter((flight) => flight.origin === origin).map(({ delay }) => delay);
    return {
      _id: { from: new Date(start), origin },
      flights: minutes.length,
      late: minutes.filter((delay) => delay > 15).length,
      meanDelay: minutes.reduce((sum, delay) => sum + delay, 0) / minutes.length,
      worst: Math.max(...minutes),
      until: new Date(start + hour),
    };
  });
}

const { delays, late } = computeDelays();

test("the delays that `asp test` expects are what a plain loop makes of the records", async () => {
  await expect(toNdjson(delays)).toMatchFileSnapshot(fixture("then/flights.delays.ndjson"));
});

test("a plane that left more than four hours late is the only one whose record comes too late", async () => {
  expect(late).toMatchObject([{ doc: { origin: "MCI", delay: 353 } }]);
  await expect(toNdjson(late)).toMatchFileSnapshot(fixture("then/_dlq.ndjson"));
});

function toNdjson(documents: readonly object[]): string {
  return documents.map((document) => `${EJSON.stringify(document)}\n`).join("");
}
