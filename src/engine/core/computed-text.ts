import type { Document } from "bson";
import { fieldOf } from "./exact-bson.ts";
import { isLiteralText } from "./plan-sink.ts";

/** A text, or the reason why a document has none. */
export type TextOrReason = { readonly text: string } | { readonly reason: string };

/** Gives an option's text for a document, from what the sink's expressions gave for it. */
export type TextReader = (values: Document | undefined) => TextOrReason;

/**
 * Reads an option of a sink that is a text, or an expression that gives one.
 *
 * @param stage as dead letters name it
 * @param option as authors write it; its last part names the expression's value
 */
export function textReader(stage: string, option: string, value: unknown): TextReader {
  if (isLiteralText(value)) {
    const constant = { text: value };
    return () => constant;
  }
  const name = option.split(".").at(-1) ?? option;
  return (values) => {
    const own = fieldOf(values, name);
    return typeof own === "string" && own !== "" ? { text: own } : { reason: notText(stage, option, own) };
  };
}

/** Why a value is no name. */
export function notText(stage: string, option: string, value: unknown): string {
  return `${stage}.${option} must evaluate to a non-empty string, found ${kindOf(value)}`;
}

/** Why a text cannot be the name of a database. The driver refuses a dot; whatever else is wrong with a name, the server says. */
export function notDatabase(stage: string, option: string, name: string): string | undefined {
  return name.includes(".") ? `${stage}.${option} must evaluate to the name of a database, found "${name}"` : undefined;
}

/** What a decoded value is, in a sentence: the server's name for its type. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value === "") return "an empty one";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  const type = fieldOf(value, "_bsontype");
  return typeof type === "string" ? (bsonNames[type] ?? type) : typeof value;
}

/** Where the library calls a type otherwise. */
const bsonNames: Readonly<Record<string, string>> = {
  Int32: "int",
  Long: "long",
  Double: "double",
  Decimal128: "decimal",
  ObjectId: "objectId",
  Binary: "binData",
  UUID: "binData",
  BSONRegExp: "regex",
  Timestamp: "timestamp",
};

/** Those of a sink's options that each document answers for itself; `undefined` where all are texts. */
export function computedOptions(options: Readonly<Record<string, unknown>>): Document | undefined {
  const computed = Object.entries(options).filter(([, value]) => value !== undefined && !isLiteralText(value));
  return computed.length === 0 ? undefined : Object.fromEntries(computed);
}
