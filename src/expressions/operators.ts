/**
 * Expression operators and accumulators by the first server version that has them.
 *
 * Source: the pages "Aggregation Operators" of the server's manual ("New in version"), mongodb-constants of MongoDB's developer
 * tools, and for 6.0 what a mongod of that version lists itself (a test compares).
 */
const byVersion: Readonly<Record<string, string>> = {
  "6.0": `
  abs accumulator acos acosh add addToSet allElementsTrue and anyElementTrue arrayElemAt arrayToObject asin asinh
  atan atan2 atanh avg binarySize bottom bottomN bsonSize ceil cmp concat concatArrays cond const convert cos cosh
  count covariancePop covarianceSamp dateAdd dateDiff dateFromParts dateFromString dateSubtract dateToParts
  dateToString dateTrunc dayOfMonth dayOfWeek dayOfYear degreesToRadians denseRank derivative divide documentNumber
  eq exp expMovingAvg filter first firstN floor function getField gt gte hour ifNull in indexOfArray indexOfBytes
  indexOfCP integral isArray isNumber isoDayOfWeek isoWeek isoWeekYear last lastN let linearFill literal ln locf
  log log10 lt lte ltrim map max maxN mergeObjects meta millisecond min minN minute mod month multiply ne not
  objectToArray or pow push radiansToDegrees rand range rank reduce regexFind regexFindAll regexMatch replaceAll
  replaceOne reverseArray round rtrim second setDifference setEquals setField setIntersection setIsSubset setUnion
  shift sin sinh size slice sortArray split sqrt stdDevPop stdDevSamp strcasecmp strLenBytes strLenCP substr
  substrBytes substrCP subtract sum switch tan tanh toBool toDate toDecimal toDouble toHashedIndexKey toInt toLong
  toLower toObjectId top topN toString toUpper trim trunc tsIncrement tsSecond type unsetField week year zip`,
  "7.0": `
  bitAnd bitNot bitOr bitXor median percentile`,
  "8.0": `
  toUUID`,
  "8.2": `
  encStrContains encStrEndsWith encStrNormalizedEq encStrStartsWith minMaxScaler sigmoid similarityCosine
  similarityDotProduct similarityEuclidean`,
  "8.3": `
  createObjectId deserializeEJSON hash hexHash serializeEJSON subtype toArray toObject`,
};

/** Operators of ASP that no server version below 8.3 has; the engine computes them itself. Source: asp-language section 1.15. */
export const aspOperators: readonly string[] = ["$currentDate", "$createUUID"];

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

/** Every operator of an expression, with its dollar, to the first server version that has it; "6.0" for all older ones. */
export const operatorVersions: ReadonlyMap<string, string> = new Map(
  Object.entries(byVersion).flatMap(([version, list]) =>
    words(list).map((name): [string, string] => [`$${name}`, version]),
  ),
);

/** True for an operator that an expression of ASP may hold, whatever server runs it. */
export function isOperator(name: string): boolean {
  return operatorVersions.has(name) || aspOperators.includes(name);
}

/**
 * The documented operators that a mongod of this version does not have.
 *
 * @param version As the binary says: "6.0.5".
 */
export function operatorsNewerThan(version: string): readonly string[] {
  return [...operatorVersions].filter(([, needs]) => isOlder(version, needs)).map(([name]) => name);
}

/** True where `version` is before `needs`, by major and minor number. */
export function isOlder(version: string, needs: string): boolean {
  const [major = 0, minor = 0] = numbers(version);
  const [needsMajor = 0, needsMinor = 0] = numbers(needs);
  return major < needsMajor || (major === needsMajor && minor < needsMinor);
}

function numbers(version: string): readonly number[] {
  return version.split(".").map((part) => Number.parseInt(part, 10) || 0);
}
