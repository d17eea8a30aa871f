/** The arguments that an operator takes by name. */
export interface NamedArguments {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** The server takes other names too, and ignores them. */
  readonly open?: true;
}

/**
 * How an operator is called: `least` to `most` operands in a list (one may stand without the list), by name, or both. `empty`: with an
 * empty document. An operator that is not in the table takes any number of operands.
 */
export interface OperatorArguments {
  readonly counts?: readonly [least: number, most: number];
  readonly named?: NamedArguments;
  /** A document is named arguments whatever its keys are; elsewhere one whose first key has a dollar is one operand. */
  readonly alwaysNamed?: true;
  readonly empty?: true;
}

const words = (list: string): readonly string[] => list.split(" ").filter((word) => word !== "");

function counted(names: string, least: number, most = least): [string, OperatorArguments][] {
  return words(names).map((name) => [`$${name}`, { counts: [least, most] }]);
}

function named(
  names: string,
  required: string,
  optional = "",
  more: OperatorArguments = {},
): [string, OperatorArguments][] {
  const rule = { ...more, named: { required: words(required), optional: words(optional) } };
  return words(names).map((name) => [`$${name}`, rule]);
}

const datePart = { counts: [1, 1] } as const;

/**
 * The arguments of every operator that does not take just any.
 *
 * Sources: the pages of the operators in the server's manual; up to 6.0 each call is compared with what a mongod of that version says. What
 * ASP adds is from asp-language section 1.15.
 */
export const operatorArguments: ReadonlyMap<string, OperatorArguments> = new Map([
  ...counted(
    `abs acos acosh allElementsTrue anyElementTrue arrayToObject asin asinh atan atanh binarySize bitNot bsonSize ceil cos cosh
    degreesToRadians exp first floor isArray isNumber last ln log10 not objectToArray radiansToDegrees reverseArray sin sinh size sqrt
    strLenBytes strLenCP tan tanh toBool toDate toDecimal toDouble toInt toLong toLower toObjectId toString toUUID toUpper tsIncrement
    tsSecond type`.replaceAll("\n", " "),
    1,
  ),
  ...counted("arrayElemAt atan2 cmp divide eq gt gte in log lt lte mod ne pow setDifference setIsSubset split", 2),
  ...counted("strcasecmp subtract", 2),
  ...counted("substr substrBytes substrCP", 3),
  ...counted("round trunc", 1, 2),
  ...counted("range slice", 2, 3),
  ...counted("indexOfArray indexOfBytes indexOfCP", 2, 4),
  ...counted("ifNull setEquals", 2, Number.POSITIVE_INFINITY),
  ...named("dayOfMonth dayOfWeek dayOfYear hour isoDayOfWeek isoWeek isoWeekYear", "date", "timezone", datePart),
  ...named("millisecond minute month second week year", "date", "timezone", datePart),
  ...named("cond", "if then else", "", { counts: [3, 3], alwaysNamed: true }),
  ...named("convert", "input to", "onError onNull format byteOrder base"),
  ...named("dateAdd dateSubtract", "startDate unit amount", "timezone"),
  ...named("dateDiff", "startDate endDate unit", "timezone startOfWeek"),
  ...named(
    "dateFromParts",
    "",
    "year month day isoWeekYear isoWeek isoDayOfWeek hour minute second millisecond timezone",
  ),
  ...named("dateFromString", "dateString", "format timezone onNull onError"),
  ...named("dateToParts", "date", "timezone iso8601"),
  ...named("dateToString", "date", "format timezone onNull"),
  ...named("dateTrunc", "date unit", "binSize timezone startOfWeek"),
  ...named("filter", "input cond", "as limit arrayIndexAs"),
  ...named("firstN lastN maxN minN", "n input"),
  ["$function", { named: { required: ["body", "args", "lang"], optional: [], open: true } }],
  ...named("getField", "field input"),
  ...named("let", "vars in"),
  ...named("map", "input in", "as arrayIndexAs"),
  ...named("median", "input method"),
  ...named("percentile", "input p method"),
  ...named("reduce", "input initialValue in", "as valueAs arrayIndexAs"),
  ...named("regexFind regexFindAll regexMatch", "input regex", "options"),
  ...named("replaceAll replaceOne", "input find replacement"),
  ...named("setField", "field input value"),
  ...named("sortArray", "input sortBy"),
  ...named("switch", "branches", "default"),
  ...named("trim ltrim rtrim", "input", "chars"),
  ...named("unsetField", "field input"),
  ...named("zip", "inputs", "useLongestLength defaults"),
  ["$rand", { counts: [0, 0], empty: true }],
  ["$currentDate", { empty: true }],
  ["$createUUID", { empty: true }],
]);

/** The same for accumulators of `$group`; one that is not in the table takes one operand without a list. */
export const accumulatorArguments: ReadonlyMap<string, OperatorArguments> = new Map([
  ...named("accumulator", "init accumulate accumulateArgs merge", "initArgs finalize lang"),
  ...named("bottom top", "output sortBy"),
  ...named("bottomN topN", "output sortBy n"),
  ...named("firstN lastN maxN minN", "n input"),
  ...named("median", "input method"),
  ...named("percentile", "input p method"),
  ["$count", { empty: true }],
]);
