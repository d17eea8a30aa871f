const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface FieldDescription {
  readonly least: number;
  readonly most: number;
  /** The last value of `*` and of a step without an end, where `most` is another word for `least`. */
  readonly last?: number;
  /** Stand for the numbers from `least` on. */
  readonly names?: readonly string[];
}

/** The fields of a schedule, in order. Sunday is 0, and 7 as well. */
const descriptions: readonly FieldDescription[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 7, last: 6, names: weekdays },
];

/** The values that each field of a schedule allows: months from 1, weekdays from 0 for Sunday. */
export interface Schedule {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
}

/**
 * Reads a cron schedule as `$source` takes it: six fields of `*`, a value, a range, a step or a list of them; names of months and
 * weekdays; no time zone before it. Source: asp-language section 1.1.7.
 *
 * @returns `undefined` for any other text
 */
export function parseSchedule(text: string): Schedule | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== descriptions.length) return undefined;
  const fields: ReadonlySet<number>[] = [];
  for (const [index, description] of descriptions.entries()) {
    const items = (parts[index] ?? "").split(",").map((item) => toValues(item, description));
    if (items.includes(undefined)) return undefined;
    fields.push(new Set(items.flatMap((values) => values ?? [])));
  }
  const [seconds, minutes, hours, days, ofYear, ofWeek] = fields as [Field, Field, Field, Field, Field, Field];
  return { seconds, minutes, hours, days, months: ofYear, weekdays: new Set([...ofWeek].map((day) => day % 7)) };
}

type Field = ReadonlySet<number>;

function toValues(item: string, description: FieldDescription): readonly number[] | undefined {
  const { least, most, last = most } = description;
  const [range = "", step, ...more] = item.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return undefined;
  const by = Number(step ?? 1);
  if (range === "*" || range === "?") return every(least, last, by);
  const [from, to, ...others] = range.split("-").map((value) => toValue(value, description));
  if (others.length > 0 || from === undefined) return undefined;
  // A value with a step begins there and has no end: "0/15".
  if (!range.includes("-")) return step === undefined ? [from] : every(from, Math.max(from, last), by);
  return to === undefined || from > to ? undefined : every(from, to, by);
}

function every(from: number, to: number, step: number): readonly number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

function toValue(text: string, { least, most, names = [] }: FieldDescription): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const number = named === -1 ? (/^\d{1,2}$/.test(text) ? Number(text) : undefined) : named + least;
  return number !== undefined && number >= least && number <= most ? number : undefined;
}
