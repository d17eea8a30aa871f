import { fieldsOf, isSchedule, scheduleFields, toValue, type ScheduleField } from "./schedule.ts";

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
 * Reads a cron schedule as `$source` takes it. Source: asp-language section 1.1.7.
 *
 * @returns `undefined` for a text that is none
 */
export function parseSchedule(text: string): Schedule | undefined {
  if (!isSchedule(text)) return undefined;
  const parts = fieldsOf(text);
  const allowed = (index: number): ReadonlySet<number> => {
    const field = scheduleFields[index];
    const items = (parts[index] ?? "").split(",");
    return new Set(field === undefined ? [] : items.flatMap((item) => valuesOf(item, field)));
  };
  return {
    seconds: allowed(0),
    minutes: allowed(1),
    hours: allowed(2),
    days: allowed(3),
    months: allowed(4),
    weekdays: new Set([...allowed(5)].map((day) => day % 7)),
  };
}

/** A value with a step begins there and goes to the end: "0/15". */
function valuesOf(item: string, field: ScheduleField): readonly number[] {
  const [range = "", step] = item.split("/");
  const by = Number(step ?? 1);
  // Sunday at the end of the week is the one at its beginning.
  const last = field.name === "day of week" ? 6 : field.most;
  if (range === "*" || range === "?") return every(field.least, last, by);
  const [from = field.least, to] = range.split("-").map((value) => toValue(value, field));
  return every(from, to ?? (step === undefined ? from : Math.max(from, last)), by);
}

function every(from: number, to: number, step: number): readonly number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}
