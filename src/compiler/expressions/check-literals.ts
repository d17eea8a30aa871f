import { describeValue } from "../describe-value.ts";
import { toNumber } from "../kinds.ts";
import { quote } from "../quote.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { field, hasDollar, report, step, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** Checks an argument that must be a text itself, or the same under `$literal`: no path and nothing that is computed. */
export function checkLiteral(walk: Walk, what: string, expected: "a text" | "code", value: unknown): void {
  if (typeof value === "string" && !hasDollar(value)) return;
  const fields = toFields(value);
  if (fields !== undefined && typeof (field(fields, "$literal") ?? field(fields, "$const")) === "string") return;
  // Code that JavaScript's own type of BSON holds.
  if (expected === "code" && typeof value === "object" && value !== null && "_bsontype" in value) return;
  const found = typeof value === "string" ? `the field path ${quote(value)}` : describeValue(value);
  report(walk, wrongArgument, { what, expected, found });
}

/** Checks `1`, `-1`, or a document of fields to them. */
export function checkSortPattern(walk: Walk, operator: string, value: unknown): void {
  const what = `\`sortBy\` of \`${operator}\``;
  const fields = toFields(value);
  if (fields === undefined) {
    if (isDirection(value)) return;
    report(walk, wrongArgument, {
      what,
      expected: "1, -1 or a document of fields to them",
      found: describeValue(value),
    });
    return;
  }
  let count = 0;
  for (const key in fields) {
    count++;
    if (isDirection(fields[key])) continue;
    const found = describeValue(fields[key]);
    step(walk, key, fields[key], () => report(walk, wrongArgument, { what, expected: "1 or -1", found }));
  }
  if (count === 0) report(walk, wrongArgument, { what, expected: "a field at least", found: "an empty document" });
}

function isDirection(value: unknown): boolean {
  const number = toNumber(value);
  return number === 1 || number === -1;
}
