import type { Finding } from "../diagnostics/finding.ts";
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

/** Which part of a duration or an offset is wrong, or that it is too long; undefined where it is no document. */
export function checkDuration(schema: KindSchema, cursor: Cursor, owner: string): Finding | undefined {
  const { value } = cursor;
  if (!isDocument(value)) return undefined;
  const size = schema.asp === "duration" ? "size" : "offsetFromUtc";
  const known = [size, "unit"];
  const stray = Object.keys(value).find((field) => !known.includes(field));
  if (stray !== undefined) return unknownField(atKey(cursor, stray), { owner, field: stray, known });
  const missing = known.find((field) => !Object.hasOwn(value, field));
  if (missing !== undefined) return missingField(atOf(cursor), { owner, field: missing });
  const units = durationUnits.filter((unit) => schema.asp === "duration" || unit !== "day");
  const unit = child(cursor, "unit");
  if (typeof unit.value === "string" && !units.some((each) => each === unit.value)) {
    return unknownWord(atOf(unit), {
      what: `\`unit\` of ${owner}`,
      found: unit.value,
      words: units,
      right: unitMeant(unit.value, units),
    });
  }
  const part = child(cursor, size);
  if (kinds.whole.accepts(part.value, { asp: "whole", least: 1 })) {
    const known = units.find((each) => each === unit.value);
    return known && tooLong(schema, cursor, { owner, size: toNumber(part.value) ?? 0, unit: known });
  }
  const [what, expected] = [`\`${size}\` of ${owner}`, kinds.whole.expected({ asp: "whole", least: 1 })];
  return wrongType(atOf(part), { what, expected, found: describeValue(part.value) });
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
): Finding | undefined {
  if (mostMs === undefined || size * unitMs[unit] <= mostMs) return undefined;
  const same = unit === "day" ? "" : ` (${inUnit(mostMs / unitMs[unit], unit)})`;
  const expected = `at most ${inUnit(mostMs / unitMs.day, "day")}${same} long`;
  return wrongType(atOf(cursor), { what: owner, expected, found: inUnit(size, unit) });
}

function inUnit(size: number, unit: Unit): string {
  return `${size} ${unit}${unit === "ms" || size === 1 ? "" : "s"}`;
}
