import type { ConstantUse } from "../stages/constant-use.ts";
import { durationUnits, plainTransforms } from "../stages/values.ts";
import type { StageContext, ValueKind } from "../stages/values.ts";
import { isSchedule } from "./schedule.ts";

/** What a `asp` value of a schema accepts, once more in words for a finding. */
interface Kind {
  readonly accepts: (value: unknown, schema: KindSchema) => boolean;
  readonly expected: (schema: KindSchema) => string;
  /** Of a kind whose value may be an array: what each element of one is. */
  readonly each?: KindOfElement;
}

/** What an element of an array must be. */
export interface KindOfElement {
  readonly accepts: (value: unknown) => boolean;
  readonly expected: string;
}

/** The notes beside the `asp` keyword that decide what is accepted. */
export interface KindSchema {
  readonly asp: ValueKind;
  readonly least?: number;
  readonly most?: number;
  /** Of an expression: how many fields it may have where it is a document and no operator. */
  readonly mostFields?: number;
  /** Of a duration: the longest in milliseconds, and whether plain 0 stands for none. */
  readonly mostMs?: number;
  readonly orZero?: boolean;
  /** Of a connection: the types that fit. */
  readonly types?: readonly string[];
  /** Counts against the tier's limit of threads. */
  readonly isParallelism?: boolean;
  /** Of a path: what stands there must be a date. */
  readonly isDate?: boolean;
  readonly words?: readonly string[];
  /** Of a text: a name that does not begin with a dollar. */
  readonly literal?: boolean;
  /** Of an expression: what a constant must be. */
  readonly takes?: ConstantUse;
  readonly context?: StageContext;
}

/** True for a document or an operator expression: no array, no BSON value, no date. */
export function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if ("_bsontype" in value) return false;
  return !(value instanceof Date) && !(value instanceof RegExp) && !ArrayBuffer.isView(value);
}

/** The number in a JavaScript or BSON number; undefined for anything else. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value === null || !("_bsontype" in value)) return undefined;
  const type = value._bsontype;
  if (type !== "Int32" && type !== "Long" && type !== "Double" && type !== "Decimal128") return undefined;
  return Number(String(value));
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
/** As the server's field paths: parts that are not empty and have no dollar, but for those of references. */
const isPath = (value: unknown): value is string =>
  typeof value === "string" &&
  value
    .split(".")
    .every((part) => part !== "" && !part.includes("\0") && (!part.startsWith("$") || references.has(part)));
const references: ReadonlySet<string> = new Set(["$id", "$ref", "$db"]);
const isTexts = (value: unknown) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));
/** A text that cannot be meant for a field path. */
const isName = (value: unknown) => isText(value) && !value.startsWith("$");
const isBson = (value: unknown, type: string) =>
  typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === type;
const atLeast = (value: unknown, least = 0) => isDocument(value) && sizeOf(value) >= least;
const sizeOf = (value: Readonly<Record<string, unknown>>) =>
  value instanceof Map ? value.size : Object.keys(value).length;
const isOperator = (value: unknown): boolean => {
  if (!isDocument(value)) return false;
  const [key, ...others] = Object.keys(value);
  return key !== undefined && key.startsWith("$") && others.length === 0;
};
const isReference = (value: unknown) => typeof value === "string" && /^\$./.test(value);

const hasOnly = (value: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.keys(value).every((name) => names.includes(name));

/** Milliseconds of each unit of a duration. */
export const unitMs: Readonly<Record<(typeof durationUnits)[number], number>> = {
  ms: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** The length of a duration document in milliseconds; undefined for what is none. */
export function toMs(value: unknown): number | undefined {
  if (!isDocument(value) || !hasOnly(value, ["size", "unit"])) return undefined;
  const size = toNumber(value["size"]);
  const unit = durationUnits.find((unit) => unit === value["unit"]);
  if (size === undefined || !Number.isInteger(size) || size < 1 || unit === undefined) return undefined;
  return size * unitMs[unit];
}

function isOffset(value: unknown): boolean {
  if (!isDocument(value) || !hasOnly(value, ["offsetFromUtc", "unit"])) return false;
  const { offsetFromUtc, unit } = value;
  return toMs({ size: offsetFromUtc, unit }) !== undefined && unit !== "day";
}

const isSortOrder = (value: unknown) => {
  const number = toNumber(value);
  return number === 1 || number === -1 || (isDocument(value) && Object.keys(value).join() === "$meta");
};

/** A width is a whole number of 32 bits, above zero. */
const isTransform = (value: unknown) => {
  if (!isDocument(value)) return plainTransforms.some((word) => word === value);
  const [entry, ...others] = fieldsOf(value);
  const width = toNumber(entry?.[1]);
  const isKnown = entry?.[0] === "bucket" || entry?.[0] === "truncate";
  return (
    isKnown && others.length === 0 && Number.isInteger(width) && width !== undefined && width > 0 && width < 2 ** 31
  );
};

const fieldsOf = (value: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
  value instanceof Map ? [...value] : Object.entries(value);

const kind = (
  expected: string,
  accepts: (value: unknown, schema: KindSchema) => boolean,
  each?: KindOfElement,
): Kind => ({ accepts, expected: () => expected, ...(each === undefined ? {} : { each }) });

/** Every {@link ValueKind}: one line each. */
export const kinds: Readonly<Record<ValueKind, Kind>> = {
  expression: {
    accepts: (value, { mostFields = Number.POSITIVE_INFINITY }) => {
      if (!isDocument(value) || sizeOf(value) <= mostFields) return true;
      // An operator beside something else is another mistake.
      return fieldsOf(value).some(([name]) => name.startsWith("$"));
    },
    expected: ({ mostFields }) => (mostFields === undefined ? "an expression" : "a field path or one expression"),
  },
  expressions: kind("a document whose values are expressions", isDocument),
  query: kind("a query document", isDocument),
  projection: kind("a document with at least one field", (value, { least }) => atLeast(value, least)),
  pipeline: {
    accepts: (value, { least = 0 }) => Array.isArray(value) && value.length >= least,
    expected: ({ least = 0 }) => (least === 0 ? "an array of stages" : "an array of at least one stage"),
  },
  choice: {
    accepts: (value, { words = [], context }) =>
      (typeof value === "string" && words.includes(value)) ||
      isReference(value) ||
      isOperator(value) ||
      (context !== undefined && Array.isArray(value)),
    expected: ({ words = [], context }) =>
      [
        ...words.map((word) => `"${word}"`),
        ...(context === undefined ? [] : ["a pipeline"]),
        "an expression that gives one of the words",
      ].reduce((list, each, index, all) => `${list}${index === all.length - 1 ? " or " : ", "}${each}`),
  },
  whole: {
    accepts: (value, { least = 0, most = Number.MAX_SAFE_INTEGER }) => {
      const number = toNumber(value);
      return number !== undefined && Number.isInteger(number) && number >= least && number <= most;
    },
    expected: ({ least = 0, most }) =>
      most === undefined ? `a whole number, ${least} or more` : `a whole number from ${least} to ${most}`,
  },
  duration: {
    accepts: (value, { mostMs = Number.POSITIVE_INFINITY, orZero = false }) => {
      if (orZero && toNumber(value) === 0) return true;
      const ms = toMs(value);
      return ms !== undefined && ms <= mostMs;
    },
    expected: ({ mostMs, orZero }) =>
      [
        `{ size, unit } with a whole size of 1 or more and a unit out of ${durationUnits.join(", ")}`,
        ...(mostMs === undefined ? [] : [`at most ${mostMs / unitMs.day} days long`]),
        ...(orZero === true ? ["or 0"] : []),
      ].join(", "),
  },
  offset: kind(
    "{ offsetFromUtc, unit } with a whole number of 1 or more and a unit out of ms, second, minute, hour",
    isOffset,
  ),
  schedule: kind(
    'six fields in a text, second to day of week in UTC, such as "0 0/15 * * * *"',
    (value) => typeof value === "string" && isSchedule(value),
  ),
  connection: kind("the name of a connection", isText),
  group: kind(
    "a document with `_id`, whose other fields are accumulators such as { $sum: 1 }",
    (value) => isDocument(value) && fieldsOf(value).some(([name]) => name === "_id"),
  ),
  sort: kind(
    "a document of fields to 1, -1 or { $meta: … }",
    (value) =>
      atLeast(value, 1) &&
      isDocument(value) &&
      fieldsOf(value).every(([name, each]) => isPath(name) && isSortOrder(each)),
  ),
  partitions: kind(
    "a document of columns to identity, year, month, day, hour, { truncate: n } or { bucket: n }",
    (value) =>
      atLeast(value, 1) &&
      isDocument(value) &&
      fieldsOf(value).every(([name, each]) => isPath(name) && isTransform(each)),
  ),
  metadata: kind("a document of paths that begin with `stream.` to expressions", (value) => atLeast(value, 1)),
  computed: kind("an expression", (value) => isReference(value) || isOperator(value)),
  time: kind("a date or a timestamp", (value) => value instanceof Date || isBson(value, "Timestamp")),
  timeField: kind("{ $toDate: … } or { $dateFromString: … }", (value) => {
    if (!isOperator(value)) return false;
    const [operator] = Object.keys(value as object);
    return operator === "$toDate" || operator === "$dateFromString";
  }),
  text: {
    accepts: (value, { literal }) => (literal === true ? isName(value) : isText(value)),
    expected: ({ literal }) => (literal === true ? "a literal name, without a dollar" : "a text that is not empty"),
  },
  texts: kind(
    "a literal name, without a dollar, or an array of names",
    (value) => isName(value) || (Array.isArray(value) && value.length > 0 && value.every(isName)),
    { accepts: isName, expected: "a literal name, without a dollar" },
  ),
  computedText: kind(
    "a text that is not empty, or an expression that gives one",
    (value) => isText(value) || isOperator(value),
  ),
  fieldName: kind(
    "the name of a field other than `_id`, without a dollar and without a dot",
    (value) => isPath(value) && !value.includes(".") && value !== "_id",
  ),
  path: kind("the path of a field, without a dollar", isPath),
  paths: kind(
    "the path of a field without a dollar, or an array of paths",
    (value) => isPath(value) || (Array.isArray(value) && value.length > 0 && value.every(isPath)),
    { accepts: isPath, expected: "the path of a field, without a dollar" },
  ),
  fieldPath: kind(
    'a field path with its dollar, like "$items"',
    (value) => typeof value === "string" && value.startsWith("$") && isPath(value.slice(1)),
  ),
  database: kind("the name of a database", isText),
  collection: kind("the name of a collection", isText),
  collections: kind("the name of a collection, or an array of names", isTexts, {
    accepts: isText,
    expected: "the name of a collection",
  }),
  computedDatabase: kind("the name of a database, or an expression", (value) => isText(value) || isOperator(value)),
  computedCollection: kind("the name of a collection, or an expression", (value) => isText(value) || isOperator(value)),
  documents: kind(
    "an array of documents, or an expression that gives one",
    (value) => (Array.isArray(value) && value.every(isDocument)) || isOperator(value),
    { accepts: isDocument, expected: "a document" },
  ),
  document: kind("a document", isDocument),
};

/** What the keyword `asp` of a schema says about a value; `schema` is what the keyword stands in. */
export function acceptsKind(value: unknown, schema: KindSchema): boolean {
  return kinds[schema.asp].accepts(value, schema);
}
