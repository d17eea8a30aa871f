import type { Finding } from "../diagnostics/finding.ts";
import { atOf } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { kinds } from "./kinds.ts";
import { quote } from "./quote.ts";
import { wrongType } from "./rules/wrong-type.ts";
import { countFields, scheduleMistakes } from "./schedule.ts";

/** Says of a text that is no schedule which of its fields are wrong, or that there are not six of them. */
export function checkSchedule(cursor: Cursor, what: string): readonly Finding[] {
  const { value } = cursor;
  const text = typeof value === "string" ? value.trim() : "";
  const count = countFields(text);
  const zone = /^(?:CRON_)?TZ=/iu.test(text);
  if (count === 6 && !zone) {
    return scheduleMistakes(text).map(({ field, item, range, help }) =>
      wrongType(atOf(cursor), {
        what: `the ${field} in ${what}`,
        expected: `${range}, "*", a range, a step or a list of them`,
        found: quote(item),
        right: help,
      }),
    );
  }
  const found =
    count === 0 || zone ? describeValue(value) : `${numerals[count] ?? count} field${count === 1 ? "" : "s"}`;
  const right = zone ? "leave out the time zone: a schedule is in UTC" : helpWith(text, count);
  return [wrongType(atOf(cursor), { what, expected: kinds.schedule.expected({ asp: "schedule" }), found, right })];
}

const numerals = [undefined, "one", "two", "three", "four", "five", undefined, "seven", "eight", "nine", "ten"];

/** Other crons have five fields, without the second, or seven, with a year. */
function helpWith(text: string, count: number): string | undefined {
  if (count === 5) return `put the second first: ${quote(`0 ${text}`)}`;
  return count === 7 ? "leave out the year: there are six fields, second to day of week" : undefined;
}
