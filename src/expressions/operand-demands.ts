import { demands } from "./constant-demands.ts";
import type { ConstantDemand } from "./constant-demands.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A demand on a named argument; with `unless`, only where that other argument is not there, with `when`, only where it is that constant. */
export interface NamedDemand extends ConstantDemand {
  readonly unless?: string;
  readonly when?: readonly [name: string, value: string];
}

/** What the operands of an operator must be where they are constants: by place, the last one for all further ones, or by name. */
export interface OperandDemands {
  readonly operands?: readonly (ConstantDemand | undefined)[];
  readonly named?: Readonly<Record<string, NamedDemand>>;
}

const words = (list: string): readonly string[] => list.split(" ");

function placed(names: string, ...operands: readonly (ConstantDemand | undefined)[]): [string, OperandDemands][] {
  return words(names).map((name) => [`$${name}`, { operands }]);
}

function named(names: string, arguments_: Readonly<Record<string, NamedDemand>>): [string, OperandDemands][] {
  return words(names).map((name) => [`$${name}`, { named: arguments_ }]);
}

const d = demands;
const timezone: ConstantDemand = {
  ...{ expected: "a time zone that the server knows, or an offset such as `+02:00`", kinds: ["text", "null"] },
  rule: "timeZone",
};
const format: ConstantDemand = {
  ...{ expected: "a text with known format specifiers, such as `%Y-%m-%d`", kinds: ["text", "null"] },
  rule: "dateFormat",
};
const unit: ConstantDemand = {
  ...{ expected: "a unit of time", kinds: ["text", "null"] },
  words: words("year quarter week month day hour minute second millisecond"),
};
const startOfWeek: NamedDemand = {
  ...{ expected: "a day of the week", kinds: ["text", "null"], anyCase: true, when: ["unit", "week"] },
  words: words("monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun"),
};
const pattern: ConstantDemand = { expected: "a regular expression", kinds: ["text", "regex", "null"], rule: "pattern" };
const options: ConstantDemand = {
  expected: "letters out of i, m, s, u, x",
  kinds: ["text", "null"],
  rule: "regexOptions",
};
const datePart = { operands: [d.time], named: { date: d.time, timezone } };
const number = { expected: "a text with a number" };

/**
 * The constants that an operator takes, for every operator that does not take just any.
 *
 * A mongod 6.0.5 was asked what it does with each kind of constant in each place: what is not allowed here is refused by it, or gives null
 * for some documents and fails for all others.
 */
export const operandDemands: ReadonlyMap<string, OperandDemands> = new Map([
  ...placed("abs acos acosh asin asinh atan atanh ceil cos cosh degreesToRadians exp floor ln log10", d.number),
  ...placed("radiansToDegrees sin sinh sqrt tan tanh atan2 divide log mod multiply pow", d.number),
  ...placed("add subtract", d.numberOrDate),
  ...placed("round trunc", d.number, d.whole),
  ...placed("range", d.wholeOnly),
  ...placed("concat", d.text),
  ...placed("split", d.text, d.textOrRegex),
  ...placed("strLenBytes strLenCP", d.textOnly),
  ...placed("toLower toUpper strcasecmp", d.printable),
  ...placed("substr substrBytes", d.printable, d.numberOnly),
  ...placed("substrCP", d.printable, d.wholeOnly),
  ...placed("indexOfBytes indexOfCP", d.text, d.text, d.fromZero),
  ...placed("binarySize", d.textOrBinary),
  ...placed("concatArrays setUnion setIntersection setDifference arrayToObject reverseArray first last", d.array),
  ...placed("size allElementsTrue anyElementTrue setEquals setIsSubset", d.arrayOnly),
  ...placed("in", undefined, d.arrayOnly),
  ...placed("indexOfArray", d.array, undefined, d.fromZero),
  ...placed("arrayElemAt", d.array, d.whole),
  ...placed("slice", d.array, d.whole, d.fromOne),
  ...placed("objectToArray bsonSize mergeObjects", d.document),
  ...placed("tsIncrement tsSecond", d.timestamp),
  ...placed("toObjectId", { expected: "a text of 24 hexadecimal digits", rule: "objectId" }),
  ...placed("toDate", { expected: "a text with a date", rule: "digits" }),
  ...placed("toInt toLong", { ...number, rule: "digits" }),
  ...placed("toDouble toDecimal", { ...number, rule: "numeral" }),
  ...words(
    "dayOfMonth dayOfWeek dayOfYear hour isoDayOfWeek isoWeek isoWeekYear millisecond minute month second week",
  ).map((name): [string, OperandDemands] => [`$${name}`, datePart]),
  ["$year", datePart],
  ...named("dateAdd dateSubtract", { startDate: d.time, unit, amount: d.whole, timezone }),
  ...named("dateDiff", { startDate: d.time, endDate: d.time, unit, timezone, startOfWeek }),
  ...named("dateTrunc", { date: d.time, unit, binSize: d.fromOne, timezone, startOfWeek }),
  ...named("dateFromParts", {
    ...{ year: d.whole, month: d.whole, day: d.whole, isoWeekYear: d.whole, isoWeek: d.whole, isoDayOfWeek: d.whole },
    ...{ hour: d.whole, minute: d.whole, second: d.whole, millisecond: d.whole, timezone },
  }),
  ...named("dateFromString", {
    dateString: { expected: "a text with a date", kinds: ["text", "null"], rule: "digits", unless: "onError" },
    format,
    timezone,
  }),
  ...named("dateToParts", { date: d.time, timezone, iso8601: d.boolean }),
  ...named("dateToString", { date: d.time, timezone, format }),
  ...named("filter", { input: d.array, limit: d.fromOne }),
  ...named("map reduce sortArray", { input: d.array }),
  ...named("firstN lastN maxN minN", { n: d.count, input: d.arrayOnly }),
  ...named("regexFind regexFindAll regexMatch", { input: d.text, regex: pattern, options }),
  ...named("replaceAll replaceOne", { input: d.text, find: d.textOrRegex, replacement: d.text }),
  ...named("trim ltrim rtrim", { input: d.text, chars: d.text }),
  ...named("setField unsetField", { input: d.document }),
  ...named("function", { args: d.arrayOnly }),
  ...named("convert", {
    to: {
      ...{ expected: "a BSON type, by name or number", kinds: ["text", "number", "decimal", "document", "null"] },
      rule: "typeOrCode",
    },
    // ASP's own. Source: asp-language section 1.15.
    byteOrder: { expected: "a byte order", kinds: ["text", "null"], words: ["little", "big"] },
    format: {
      ...{ expected: "a format of binary data", kinds: ["text", "null"] },
      words: ["base64", "base64url", "hex", "uuid", "utf8", "auto"],
    },
  }),
]);

/** The same for accumulators of `$group`. */
export const accumulatorDemands: ReadonlyMap<string, OperandDemands> = new Map([
  ...named("firstN lastN maxN minN topN bottomN", { n: d.count }),
  ...placed("mergeObjects", d.document),
]);

/** Whether the demand holds beside these arguments. */
export function isDemanded({ unless, when }: NamedDemand, fields: Fields): boolean {
  if (unless !== undefined && Object.hasOwn(fields, unless)) return false;
  return when === undefined || (Object.hasOwn(fields, when[0]) && fields[when[0]] === when[1]);
}
