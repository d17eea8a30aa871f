import type { Document } from "bson";
import { bsonTypes } from "./bson-types.ts";
import { toBinaryScript, toNumberScript, toTextScript } from "./conversion-scripts.ts";
import { isPlainObject } from "./is-plain-object.ts";
import { isOlder } from "./operators.ts";

// `$convert` between binary data and numbers or texts. Sources: asp-language section 1.15; the page of `$convert` in the server's manual for
// versions, subtypes and what an error is.

/** A form of `$convert` that a server older than `needs` does not have, and the engine does for it. */
export interface BinaryConversion {
  readonly needs: "8.0" | "8.1";
  /**
   * Whether the form says that it is one of binary data. A plain `{input: "$a", to: "int"}` does not: newer servers take binary data there, and
   * nothing shows whether any will come.
   */
  readonly explicit: boolean;
}

/** What `to` says, where it is a constant. */
interface Target {
  readonly type: string;
  /** An expression; 0 where nothing is said. */
  readonly subtype: unknown;
}

/** The form of binary data that the argument of a `$convert` is; `undefined` for what is none, or has a type that only a document says. */
export function binaryConversionOf(call: unknown): BinaryConversion | undefined {
  if (!isPlainObject(call) || !("input" in call) || "base" in call) return undefined;
  const type = targetOf(call["to"])?.type;
  if (type === undefined) return undefined;
  const explicit = "format" in call || "byteOrder" in call || isForm(call["to"]) || type === "binData";
  if (numbers.has(type)) return { needs: "8.1", explicit };
  if (!explicit) return undefined;
  return { needs: "byteOrder" in call || (type === "binData" && !("format" in call)) ? "8.1" : "8.0", explicit };
}

/** The first server that takes a conversion which the engine cannot do; `undefined` where there is nothing to say. */
export function serverOfConversion(call: unknown): "8.0" | "8.1" | undefined {
  if (!isPlainObject(call) || binaryConversionOf(call) !== undefined) return undefined;
  if ("byteOrder" in call) return "8.1";
  return "format" in call || isForm(call["to"]) ? "8.0" : undefined;
}

const numbers: ReadonlySet<string> = new Set(["int", "long", "double"]);

/** True for `{type, subtype}`. */
function isForm(to: unknown): boolean {
  return isPlainObject(to) && !Object.keys(to)[0]?.startsWith("$");
}

function targetOf(to: unknown): Target | undefined {
  if (isPlainObject(to) && isForm(to)) {
    const type = typeName(to["type"]);
    return type === undefined ? undefined : { type, subtype: "subtype" in to ? to["subtype"] : 0 };
  }
  const type = typeName(to);
  return type === undefined ? undefined : { type, subtype: 0 };
}

const typeNames: ReadonlyMap<number, string> = new Map([...bsonTypes].map(([name, number]) => [number, name]));

/** The name of a type that is a constant, given by name or by number. */
function typeName(type: unknown): string | undefined {
  const constant: unknown = isPlainObject(type) && Object.keys(type).length === 1 ? type["$literal"] : type;
  if (typeof constant === "string") return bsonTypes.has(constant) ? constant : undefined;
  const isNumber =
    typeof constant === "number" || (typeof constant === "object" && constant !== null && "_bsontype" in constant);
  return isNumber ? typeNames.get(Number(String(constant))) : undefined;
}

/**
 * An expression without JavaScript that is the same but fails over binary data, where a `$convert` in it would say `onError` of it and a newer
 * server would convert it. Whoever asks for it then takes the document another way.
 *
 * @returns `undefined` for a form that says that it is one of binary data
 */
export function refuseBinaryData(expression: unknown): unknown {
  if (Array.isArray(expression)) return allOrNone(expression.map(refuseBinaryData));
  if (!isPlainObject(expression) || "$literal" in expression) return expression;
  const call: unknown = expression["$convert"];
  const form = binaryConversionOf(call);
  if (form?.explicit === true) return undefined;
  const values = allOrNone(Object.values(expression).map(refuseBinaryData));
  if (values === undefined) return undefined;
  const keys = Object.keys(expression);
  const refusing = Object.fromEntries(keys.map((key, at) => [key, values[at]]));
  if (form === undefined || !("onError" in (call as Document))) return refusing;
  const { input, onError, ...rest } = refusing["$convert"] as Document;
  const isBinary = { $eq: [{ $type: value }, "binData"] };
  const failing = { $convert: { input: value, ...rest } };
  const converted = { $convert: { input: value, ...rest, onError: { $cond: [isBinary, failing, onError] } } };
  return { $let: { vars: { aspInput: input }, in: converted } };
}

function allOrNone(values: readonly unknown[]): readonly unknown[] | undefined {
  return values.includes(undefined) ? undefined : values;
}

/** The server that evaluates a conversion. */
export interface ConversionServer {
  /** As it says: "6.0.5". */
  readonly version: string;
  /** Whether it runs JavaScript; without, only what must be rewritten is. */
  readonly javaScript: boolean;
}

/**
 * What does the same as a `$convert` on a server that is too old for the form. Its arguments are rewritten already.
 *
 * Each of them comes once in what is given, so that a conversion that stands in an argument of another does not come twice.
 *
 * @returns `undefined` where the server takes the call as it is, or nothing can be done about it
 */
export function rewriteConversion(call: unknown, server: ConversionServer): Document | undefined {
  const form = binaryConversionOf(call);
  if (form === undefined || !isOlder(server.version, form.needs)) return undefined;
  if (!form.explicit && !server.javaScript) return undefined;
  const { input, to, format, byteOrder = null, ...rest } = call as Document;
  const { type, subtype } = targetOf(to) ?? { type: "", subtype: 0 };
  const throws = !("onError" in rest);
  const plain = (value: unknown): Document => ({ $convert: { input: value, to: type, ...rest } });
  if (type === "binData") {
    const args = [value, { $type: value }, orZero(subtype), format ?? null, byteOrder, throws];
    // No server makes binData of what comes out where that fails, and old ones do not of what it gives.
    const made = scripted(input, ["int", "long", "double", "string", "binData"], toBinaryScript, args);
    const isMade = { $eq: [{ $type: "$$aspMade" }, "binData"] };
    return { $let: { vars: { aspMade: made }, in: { $cond: [isMade, "$$aspMade", plain("$$aspMade")] } } };
  }
  if (numbers.has(type)) return plain(scripted(input, ["binData"], toNumberScript, [value, type, byteOrder, throws]));
  if (type === "string" && format !== undefined) {
    return plain(scripted(input, ["binData"], toTextScript, [value, format, throws]));
  }
  // What a conversion has no use for the server ignores.
  return plain(input);
}

const value = "$$aspInput";

/** The input, put through JavaScript where it is of one of the types. Every other value is left to the `$convert` around it. */
function scripted(input: unknown, types: readonly string[], body: string, args: readonly unknown[]): Document {
  const script = { $function: { body, args, lang: "js" } };
  return { $let: { vars: { aspInput: input }, in: { $cond: [{ $in: [{ $type: value }, types] }, script, value] } } };
}

/** A subtype that is not there is the default; one that is null is wrong. */
function orZero(subtype: unknown): unknown {
  if (typeof subtype === "number") return subtype;
  return { $cond: [{ $eq: [{ $type: subtype }, "missing"] }, 0, subtype] };
}
