import { bsonTypeNumbers, bsonTypes, typeMeant } from "../expressions/bson-types.ts";
import type { ConstantDemand, ConstantKind, ConstantRule } from "../expressions/constant-demands.ts";
import { patternFault } from "../expressions/pattern-fault.ts";
import { zoneFault } from "../expressions/time-zones.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { toFields } from "./expressions/walk.ts";
import { toNumber } from "./kinds.ts";

/** A constant of an expression: what it is, and its value without `$literal`. */
export interface Constant {
  readonly kind: ConstantKind;
  readonly value: unknown;
}

/** Reads an expression as a constant; undefined where it is computed. An array or a document counts as one whatever it holds. */
export function readConstant(expression: unknown): Constant | undefined {
  if (typeof expression === "string" && expression.charCodeAt(0) === 36) return undefined;
  const fields = toFields(expression);
  if (fields === undefined) return toConstant(expression);
  for (const key in fields) {
    if (key.charCodeAt(0) !== 36) break;
    return key === "$literal" || key === "$const" ? toConstant(fields[key]) : undefined;
  }
  return { kind: "document", value: expression };
}

function toConstant(value: unknown): Constant | undefined {
  const kind = kindOf(value);
  return kind === undefined ? undefined : { kind, value };
}

const bsonKinds: ReadonlyMap<unknown, ConstantKind> = new Map<string, ConstantKind>([
  ...(["Int32", "Long", "Double"] as const).map((type): [string, ConstantKind] => [type, "number"]),
  ["Decimal128", "decimal"],
  ["Timestamp", "timestamp"],
  ["ObjectId", "objectId"],
  ["Binary", "binary"],
  ["BSONRegExp", "regex"],
  ["Code", "code"],
]);

/** Undefined for what is no value of BSON, which is a finding already. */
function kindOf(value: unknown): ConstantKind | undefined {
  if (typeof value === "string") return "text";
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "boolean") return "boolean";
  if (value === null) return "null";
  if (typeof value !== "object") return undefined;
  if (Array.isArray(value)) return "array";
  if ("_bsontype" in value) return bsonKinds.get(value._bsontype) ?? "other";
  if (value instanceof Date) return "date";
  if (value instanceof RegExp) return "regex";
  return ArrayBuffer.isView(value) ? "binary" : "document";
}

/** What is wrong with a constant. `help` says what is meant, where that can be told. */
export interface Misfit {
  /** The text is none of the demand's words. */
  readonly word?: string;
  readonly help?: string | undefined;
}

/** Compares a constant with what it must be; undefined where it fits. */
export function findMisfit({ kind, value }: Constant, demand: ConstantDemand): Misfit | undefined {
  const { kinds, whole, least, words, anyCase, rule } = demand;
  if (kinds !== undefined && !kinds.includes(kind)) {
    return { help: kind === "text" && !kinds.includes("text") ? fieldMeant(value) : undefined };
  }
  if (kind === "number" || kind === "decimal") {
    const number = toNumber(value);
    if (number === undefined) return undefined;
    if ((whole === true && !Number.isInteger(number)) || (least !== undefined && number < least)) return {};
  }
  if (kind === "text" && words !== undefined && typeof value === "string") {
    return words.includes(anyCase === true ? value.toLowerCase() : value) ? undefined : { word: value };
  }
  return rule === undefined ? undefined : rules[rule](value);
}

/** A text that could be the path of a field, where a text is of no use: its dollar was forgotten. */
export function fieldMeant(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z_][\w.]{0,60}$/u.test(value)
    ? `write \`"$${value}"\` where the field is meant`
    : undefined;
}

function didMean(meant: string | undefined): string | undefined {
  return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}

const text =
  (fault: (text: string) => Misfit | undefined) =>
  (value: unknown): Misfit | undefined =>
    typeof value === "string" ? fault(value) : undefined;

/** Letters after `%` that some server version knows, in `$dateToString` or `$dateFromString`. */
const formatLetters = /%(?:[bBdGHjLmMSuUVwYzZ%]|([^]?))/gu;

const rules: Readonly<Record<ConstantRule, (value: unknown) => Misfit | undefined>> = {
  timeZone: text((zone) => {
    const fault = zoneFault(zone);
    return fault === undefined ? undefined : { help: didMean(fault.meant) };
  }),
  dateFormat: text((format) => {
    for (const [found, stranger] of format.matchAll(formatLetters)) {
      if (stranger !== undefined) return { help: `remove \`${found}\`, which no server knows` };
    }
    return undefined;
  }),
  pattern: (value) => (faultOfPattern(value) === undefined ? undefined : {}),
  regexOptions: text((options) => (/^[imsux]*$/u.test(options) ? undefined : {})),
  objectId: text((id) => (/^[\da-f]{24}$/iu.test(id) ? undefined : { help: fieldMeant(id) })),
  digits: text((number) => (/\d/u.test(number) ? undefined : { help: fieldMeant(number) })),
  numeral: text((number) => (/\d|^[+-]?(?:inf|nan)/iu.test(number) ? undefined : { help: fieldMeant(number) })),
  typeOrCode: (value) => {
    if (typeof value === "string") {
      const names = [...bsonTypes.keys()];
      if (names.includes(value) || value === "missing") return undefined;
      return { help: didMean(typeMeant(value, names) ?? suggest(value, names)) };
    }
    const number = toNumber(value);
    return number === undefined || number === 0 || bsonTypeNumbers.has(number) ? undefined : {};
  },
};

/** Why the pattern of a text or a regular expression does not compile. */
export function faultOfPattern(value: unknown): string | undefined {
  if (typeof value === "string") return patternFault(value);
  if (value instanceof RegExp) return patternFault(value.source);
  const pattern = typeof value === "object" && value !== null && "pattern" in value ? value.pattern : undefined;
  return typeof pattern === "string" && !hasExtended(value) ? patternFault(pattern) : undefined;
}

/** With the option `x`, white space and comments mean nothing. */
function hasExtended(value: unknown): boolean {
  return typeof value === "object" && value !== null && "options" in value && String(value.options).includes("x");
}

/** The text of a pattern, as it was written. */
export function patternOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof RegExp) return value.source;
  return typeof value === "object" && value !== null && "pattern" in value ? String(value.pattern) : "";
}
