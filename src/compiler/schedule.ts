const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** A field of a schedule: what it may be, and the names that stand for its numbers from `least` on. */
export interface ScheduleField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

/** In order. Sunday is 0, and 7 as well. */
export const scheduleFields: readonly ScheduleField[] = [
  { name: "second", least: 0, most: 59, names: [] },
  { name: "minute", least: 0, most: 59, names: [] },
  { name: "hour", least: 0, most: 23, names: [] },
  { name: "day of month", least: 1, most: 31, names: [] },
  { name: "month", least: 1, most: 12, names: months },
  { name: "day of week", least: 0, most: 7, names: weekdays },
];

/** An item of a field that is not one, with what the field may be. */
export interface ScheduleMistake {
  readonly field: string;
  readonly item: string;
  /** "0 to 59", with names where there are some. */
  readonly range: string;
  readonly help: string | undefined;
}

/**
 * True for a cron schedule as `$source` takes it: six fields of `*`, a value, a range, a step or a list of them; names of months and
 * weekdays; no time zone before it. Source: asp-language section 1.1.7.
 */
export function isSchedule(text: string): boolean {
  return countFields(text) === scheduleFields.length && scheduleMistakes(text).length === 0;
}

/** How many fields a text has, whatever they are. */
export function countFields(text: string): number {
  return text.trim() === "" ? 0 : fieldsOf(text).length;
}

/** The first wrong item of each field of a text that has as many fields as a schedule. */
export function scheduleMistakes(text: string): readonly ScheduleMistake[] {
  return fieldsOf(text).flatMap((part, index) => {
    const field = scheduleFields[index];
    const item = field === undefined ? undefined : part.split(",").find((each) => !isItem(each, field));
    return field === undefined || item === undefined ? [] : [toMistake(item, field)];
  });
}

/** The fields of a text, whatever they are. */
export function fieldsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

function isItem(item: string, field: ScheduleField): boolean {
  const [range = "", step, ...more] = item.split("/");
  if (more.length > 0 || (step !== undefined && !isStep(step))) return false;
  if (range === "*" || range === "?") return true;
  const [from, to, ...others] = range.split("-").map((value) => toValue(value, field));
  if (others.length > 0 || from === undefined) return false;
  return !range.includes("-") || (to !== undefined && from <= to);
}

function isStep(step: string): boolean {
  return /^[1-9]\d*$/.test(step);
}

/** The number that a text stands for in a field. */
export function toValue(text: string, { least, most, names }: ScheduleField): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const number = named === -1 ? (/^\d{1,2}$/.test(text) ? Number(text) : undefined) : named + least;
  return number !== undefined && number >= least && number <= most ? number : undefined;
}

function toMistake(item: string, field: ScheduleField): ScheduleMistake {
  const { name, least, most, names } = field;
  const range = `${least} to ${most}${names.length === 0 ? "" : `, ${names[0]} to ${names.at(-1)}`}`;
  return { field: name, item, range, help: helpWith(item, field) };
}

/** A range that goes over the end is two; a step is 1 or more. */
function helpWith(item: string, field: ScheduleField): string | undefined {
  const [range = "", step] = item.split("/");
  if (step !== undefined && !isStep(step)) return "write a step of 1 or more";
  const [from = "", to = "", ...others] = range.split("-");
  const [first, last] = [toValue(from, field), toValue(to, field)];
  if (others.length > 0 || first === undefined || last === undefined || first <= last) return undefined;
  if (step !== undefined) return "write a range that goes upwards";
  const { names, least, most } = field;
  const isNamed = names.includes(from.toUpperCase());
  const [bottom, top] = isNamed ? [names[0], names.at(-1)] : [least, most];
  return `write \`${from}-${top},${bottom}-${to}\`: a range goes upwards`;
}
