import type { ConstantDemand, ConstantKind } from "../expressions/constant-demands.ts";
import type { ConstantUse } from "../stages/constant-use.ts";
import { findMisfit, readConstant } from "./constants.ts";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { isDocument } from "./kinds.ts";

/** A constant that is not what its use demands. */
export interface MisfitOfUse {
  readonly cursor: Cursor;
  readonly expected: string;
  readonly found: string;
  readonly help?: string | undefined;
}

/** A demand on a value, on the values of the document that it is, and on the elements of the array that it is. */
interface Use {
  readonly itself: ConstantDemand;
  readonly values?: ConstantDemand;
  readonly elements?: Readonly<Record<string, ConstantDemand>>;
}

const numbers: readonly ConstantKind[] = ["number", "decimal"];
const textValue: ConstantDemand = { expected: "a text", kinds: ["text", "null"] };
const documentOfValues: ConstantDemand = { expected: "a document", kinds: ["document", "null"] };
/** Source: asp-language section 1.7. */
const headerValue: ConstantDemand = {
  expected: "binary data, a text, a number that is no Decimal128, a document or null",
  kinds: ["binary", "text", "number", "document", "null"],
};

const uses: Readonly<Record<ConstantUse, Use>> = {
  document: { itself: { expected: "a document", kinds: ["document"] } },
  flag: { itself: { expected: "an expression that gives true or false", kinds: ["boolean"] } },
  redaction: {
    itself: {
      expected: "`$$DESCEND`, `$$PRUNE`, `$$KEEP` or an expression that gives one",
      kinds: ["text"],
      words: ["descend", "prune", "keep"],
    },
  },
  texts: { itself: documentOfValues, values: textValue },
  scalars: {
    itself: documentOfValues,
    values: { expected: "a text, a number, true or false", kinds: ["text", ...numbers, "boolean", "null"] },
  },
  headers: {
    itself: { expected: "a document or an array of { k, v }", kinds: ["document", "array", "null"] },
    values: headerValue,
    elements: { k: { expected: "a text", kinds: ["text"] }, v: headerValue },
  },
  text: { itself: textValue },
  number: { itself: { expected: "a number", kinds: [...numbers, "null"] } },
  whole: { itself: { expected: "a whole number", kinds: [...numbers, "null"], whole: true } },
  binary: { itself: { expected: "binary data", kinds: ["binary", "null"] } },
};

/** Every constant in an expression that is not what its use demands. */
export function misfitsOf(cursor: Cursor, use: ConstantUse): readonly MisfitOfUse[] {
  const { itself, values, elements } = uses[use];
  const constant = readConstant(cursor.value);
  if (constant === undefined) return [];
  const misfit = misfitOf(cursor, itself);
  if (misfit !== undefined) return [misfit];
  const { value } = cursor;
  if (values !== undefined && isDocument(value) && constant.value === value) return valuesOf(cursor, values);
  if (elements === undefined || !Array.isArray(value)) return [];
  return value.flatMap((_, index) => elementOf(child(cursor, index), elements));
}

function misfitOf(cursor: Cursor, demand: ConstantDemand): MisfitOfUse | undefined {
  const constant = readConstant(cursor.value);
  const misfit = constant === undefined ? undefined : findMisfit(constant, demand);
  if (constant === undefined || misfit === undefined) return undefined;
  return { cursor, expected: demand.expected, found: describeValue(constant.value), help: misfit.help };
}

function valuesOf(cursor: Cursor, demand: ConstantDemand): readonly MisfitOfUse[] {
  return Object.keys(cursor.value as object).flatMap((name) => misfitOf(child(cursor, name), demand) ?? []);
}

function elementOf(cursor: Cursor, parts: Readonly<Record<string, ConstantDemand>>): readonly MisfitOfUse[] {
  const constant = readConstant(cursor.value);
  if (constant === undefined) return [];
  const names = Object.keys(parts);
  const { value } = constant;
  if (!isDocument(value) || names.some((name) => !Object.hasOwn(value, name))) {
    return [{ cursor, expected: `{ ${names.join(", ")} }`, found: describeValue(value) }];
  }
  return value === cursor.value
    ? names.flatMap((name) => misfitOf(child(cursor, name), parts[name] ?? { expected: "" }) ?? [])
    : [];
}
