const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The fields of a schedule, in order: what each may be, and the names that stand for its numbers. */
const scheduleFields: readonly { readonly least: number; readonly most: number; readonly names?: readonly string[] }[] =
  [
    { least: 0, most: 59 },
    { least: 0, most: 59 },
    { least: 0, most: 23 },
    { least: 1, most: 31 },
    { least: 1, most: 12, names: months },
    { least: 0, most: 7, names: weekdays },
  ];

/**
 * True for a cron schedule as `$source` takes it: six fields of `*`, a value, a range, a step or a list of them; names of months and
 * weekdays; no time zone before it. Source: asp-language section 1.1.7.
 */
export function isSchedule(text: string): boolean {
  const parts = text.trim().split(/\s+/);
  return (
    parts.length === scheduleFields.length &&
    parts.every((part, index) => part.split(",").every((item) => isItem(item, index)))
  );
}

function isItem(item: string, index: number): boolean {
  const [range = "", step, ...more] = item.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === "*" || range === "?") return true;
  const [from, to, ...others] = range.split("-").map((value) => toValue(value, index));
  if (others.length > 0 || from === undefined) return false;
  return !range.includes("-") || (to !== undefined && from <= to);
}

function toValue(text: string, index: number): number | undefined {
  const { least, most, names = [] } = scheduleFields[index] ?? { least: 0, most: -1 };
  const named = names.indexOf(text.toUpperCase());
  const number = named === -1 ? (/^\d{1,2}$/.test(text) ? Number(text) : undefined) : named + least;
  return number !== undefined && number >= least && number <= most ? number : undefined;
}
