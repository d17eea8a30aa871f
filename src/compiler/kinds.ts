import type { StageContext, ValueKind } from "../stages/values.ts";

/** What a `asp` value of a schema accepts, once more in words for a finding. */
interface Kind {
  readonly accepts: (value: unknown, schema: KindSchema) => boolean;
  readonly expected: (schema: KindSchema) => string;
}

/** The notes beside the `asp` keyword that decide what is accepted. */
export interface KindSchema {
  readonly asp: ValueKind;
  readonly least?: number;
  readonly words?: readonly string[];
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

const kind = (expected: string, accepts: (value: unknown, schema: KindSchema) => boolean): Kind => ({
  accepts,
  expected: () => expected,
});

/** Every {@link ValueKind}: one line each. */
export const kinds: Readonly<Record<ValueKind, Kind>> = {
  expression: kind("an expression", () => true),
  expressions: kind("a document whose values are expressions", isDocument),
  query: kind("a query document", isDocument),
  projection: kind("a document with at least one field", (value, { least }) => atLeast(value, least)),
  pipeline: kind("an array of stages", Array.isArray),
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
    accepts: (value, { least = 0 }) => {
      const number = toNumber(value);
      return number !== undefined && Number.isInteger(number) && number >= least;
    },
    expected: ({ least = 0 }) => `a whole number, ${least} or more`,
  },
  time: kind("a date or a timestamp", (value) => value instanceof Date || isBson(value, "Timestamp")),
  timeField: kind("{ $toDate: … } or { $dateFromString: … }", (value) => {
    if (!isOperator(value)) return false;
    const [operator] = Object.keys(value as object);
    return operator === "$toDate" || operator === "$dateFromString";
  }),
  text: kind("a text that is not empty", isText),
  path: kind("the path of a field, without a dollar", isPath),
  paths: kind(
    "the path of a field without a dollar, or an array of paths",
    (value) => isPath(value) || (Array.isArray(value) && value.length > 0 && value.every(isPath)),
  ),
  fieldPath: kind(
    'a field path with its dollar, like "$items"',
    (value) => typeof value === "string" && value.startsWith("$") && isPath(value.slice(1)),
  ),
  database: kind("the name of a database", isText),
  collection: kind("the name of a collection", isText),
  collections: kind("the name of a collection, or an array of names", isTexts),
  computedDatabase: kind("the name of a database, or an expression", (value) => isText(value) || isOperator(value)),
  computedCollection: kind("the name of a collection, or an expression", (value) => isText(value) || isOperator(value)),
  documents: kind(
    "an array of documents, or an expression that gives one",
    (value) => (Array.isArray(value) && value.every(isDocument)) || isOperator(value),
  ),
  document: kind("a document", isDocument),
};

/** What the keyword `asp` of a schema says about a value; `schema` is what the keyword stands in. */
export function acceptsKind(value: unknown, schema: KindSchema): boolean {
  return kinds[schema.asp].accepts(value, schema);
}
