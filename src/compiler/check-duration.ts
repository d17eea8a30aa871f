import type { Finding } from "../diagnostics/finding.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { durationUnits } from "../stages/values.ts";
import { atKey, atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { isDocument, kinds, toNumber, unitMs } from "./kinds.ts";
import type { KindSchema } from "./kinds.ts";
import { missingField } from "./rules/missing-field.ts";
import { unknownField } from "./rules/unknown-field.ts";
import { unknownWord } from "./rules/unknown-word.ts";
import { wrongType } from "./rules/wrong-type.ts";

type Unit = (typeof durationUnits)[number];

/** What is wrong in a duration or an offset, part by part, or that it is too long; nothing where it is no document at all. */
export function checkDuration(schema: KindSchema, cursor: Cursor, owner: string): readonly Finding[] {
  const { value } = cursor;
  if (!isDocument(value)) return [];
  const size = schema.asp === "duration" ? "size" : "offsetFromUtc";
  const units = durationUnits.filter((unit) => schema.asp === "duration" || unit !== "day");
  const known = [size, "unit"];
  const strays = Object.keys(value).filter((field) => !known.includes(field));
  const wrong = [
    ...strays.map((field) => unknownField(atKey(cursor, field), { owner, field, known })),
    ...known.flatMap((field) => {
      const part = child(cursor, field);
      const what = `\`${field}\` of ${owner}`;
      if (!Object.hasOwn(value, field)) {
        // A misspelt field is one mistake, and the finding about it already names the right one.
        const isMisspelt = strays.some((stray) => suggest(stray, known) === field);
        return isMisspelt ? [] : missingField(atOf(cursor), { owner, field });
      }
      return (field === "unit" ? checkUnit(part, what, units) : checkSize(part, what)) ?? [];
    }),
  ];
  const unit = units.find((each) => each === value["unit"]);
  if (wrong.length > 0 || unit === undefined) return wrong;
  return tooLong(schema, cursor, { owner, size: toNumber(value[size]) ?? 0, unit });
}

function checkSize(size: Cursor, what: string): Finding | undefined {
  const whole: KindSchema = { asp: "whole", least: 1 };
  if (kinds.whole.accepts(size.value, whole)) return undefined;
  return wrongType(atOf(size), { what, expected: kinds.whole.expected(whole), found: describeValue(size.value) });
}

function checkUnit(unit: Cursor, what: string, units: readonly string[]): Finding | undefined {
  const { value } = unit;
  if (typeof value !== "string") {
    const expected = `one of ${units.join(", ")}`;
    return wrongType(atOf(unit), { what, expected, found: describeValue(value) });
  }
  if (units.includes(value)) return undefined;
  return unknownWord(atOf(unit), { what, found: value, words: units, right: unitMeant(value, units) });
}

/** `min` and `sec` are too short to be near what they stand for. */
function unitMeant(found: string, units: readonly string[]): string | undefined {
  const meant = found === "" ? undefined : units.find((unit) => unit.startsWith(found.toLowerCase()));
  return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}

/** Says the limit in days and in the unit that the author wrote. */
function tooLong(
  { mostMs }: KindSchema,
  cursor: Cursor,
  { owner, size, unit }: { readonly owner: string; readonly size: number; readonly unit: Unit },
): readonly Finding[] {
  if (mostMs === undefined || size * unitMs[unit] <= mostMs) return [];
  const same = unit === "day" ? "" : ` (${inUnit(mostMs / unitMs[unit], unit)})`;
  const expected = `at most ${inUnit(mostMs / unitMs.day, "day")}${same} long`;
  return [wrongType(atOf(cursor), { what: owner, expected, found: inUnit(size, unit) })];
}

function inUnit(size: number, unit: Unit): string {
  return `${size} ${unit}${unit === "ms" || size === 1 ? "" : "s"}`;
}
