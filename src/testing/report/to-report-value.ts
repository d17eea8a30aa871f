import { Long } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";
import type { Difference } from "../compare/difference.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import { PlainNumber } from "../compare/plain-number.ts";

/** A difference whose values are plain JSON: EJSON with wrappers wherever a type or a value would be lost. */
export function toReportDifference(difference: Difference): Difference {
  const { kind, processor, collection, _id, path, expected, actual } = difference;
  return {
    kind,
    ...(processor === undefined ? {} : { processor }),
    collection,
    ...(_id === undefined ? {} : { _id: toReportValue(_id) }),
    path,
    ...(expected === undefined ? {} : { expected: toReportValue(expected) }),
    ...(actual === undefined ? {} : { actual: toReportValue(actual) }),
  };
}

/** A BSON value as the JSON value of its EJSON; numbers that ask for no type stay plain. */
export function toReportValue(value: unknown): unknown {
  if (value instanceof PlainNumber) return plainNumber(value.text);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(toReportValue);
  if (value instanceof RegExp || !isPlainDocument(value)) return JSON.parse(toEjson(value));
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, toReportValue(element)]));
}

function plainNumber(text: string): unknown {
  const number = Number(text);
  if (Number.isSafeInteger(number) || !/^-?\d{1,18}$/.test(text)) return number;
  return { $numberLong: Long.fromString(text).toString() };
}
