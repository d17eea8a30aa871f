import type { Document } from "bson";
import { isPlainObject } from "./is-plain-object.ts";
import { isOlder } from "./operators.ts";

// `$convert` between binary data and numbers or texts. Source: asp-language section 1.15. A server has it from 8.0 on for texts, from 8.1 on
// for numbers; an older one is given a function of its JavaScript in its place.

/** What a conversion is to give, where it is a constant. */
type Target = "binData" | "string" | "int" | "long" | "double";

const targets: ReadonlyMap<unknown, Target> = new Map<unknown, Target>([
  ...(["binData", "string", "int", "long", "double"] as const).map((name) => [name, name] as const),
  ...[[5, "binData"] as const, [2, "string"] as const, [16, "int"] as const, [18, "long"] as const],
  [1, "double"],
]);

/**
 * The first server that has a conversion by itself: undefined where every server has it.
 *
 * @param args what `$convert` is given
 */
export function serverOfConversion(args: unknown): "8.0" | "8.1" | undefined {
  if (!isPlainObject(args)) return undefined;
  if ("byteOrder" in args) return "8.1";
  if ("format" in args) return "8.0";
  return targetOf(args)?.type === "binData" ? "8.1" : undefined;
}

/** True where an older server can be given another expression in place of a conversion. */
export function canRewriteConversion(args: Document): boolean {
  return targetOf(args) !== undefined && !("base" in args);
}

/** True for a conversion that a server of this version is given another expression for. */
export function isRewritten(args: unknown, version: string): boolean {
  const needs = serverOfConversion(args);
  return needs !== undefined && isOlder(version, needs) && canRewriteConversion(args as Document);
}

/** The expression that does on any server what such a conversion does. Its arguments are rewritten already. */
export function rewriteConversion(args: Document): Document {
  const { input, format = null, byteOrder = "little", onError, onNull, to } = args;
  const target = targetOf(args);
  if (target === undefined) throw new Error("there is no such conversion");
  const { type, subtype } = target;
  const own = { ...(onError !== undefined && { onError }), ...(onNull !== undefined && { onNull }) };
  const fails = onError === undefined;
  const converted = {
    $function: {
      body: fails ? converting : catching,
      args: ["$$aspInput", { $type: "$$aspInput" }, type, subtype, format, byteOrder],
      lang: "js",
    },
  };
  const value = fails ? converted : valueOr(converted, onError);
  const isBinary = { $eq: [{ $type: "$$aspInput" }, "binData"] };
  const isTaken = type === "binData" ? { $in: [{ $type: "$$aspInput" }, convertible] } : isBinary;
  // What is nothing of the kind is the server's own affair, and so is null.
  const otherwise = { $convert: { input: "$$aspInput", to: type === "binData" ? "binData" : to, ...own } };
  return { $let: { vars: { aspInput: input }, in: { $cond: [isTaken, value, otherwise] } } };
}

const convertible = ["string", "int", "long", "double", "binData"];

function valueOr(converted: Document, onError: unknown): Document {
  const isDone = { $eq: ["$$aspResult.ok", true] };
  return { $let: { vars: { aspResult: converted }, in: { $cond: [isDone, "$$aspResult.value", onError] } } };
}

function targetOf({ to }: Document): { readonly type: Target; readonly subtype: number | null } | undefined {
  if (!isPlainObject(to)) {
    const type = targets.get(plain(to));
    return type === undefined ? undefined : { type, subtype: null };
  }
  const { type, subtype = null } = to;
  const found = targets.get(plain(type));
  const number = plain(subtype);
  if (found === undefined || (number !== null && typeof number !== "number")) return undefined;
  return { type: found, subtype: number };
}

/** Numbers of BSON as JavaScript's. */
function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null && "_bsontype" in value ? Number(value) : value;
}

/**
 * Integers are two's complement, texts in hexadecimal digits are capital letters, and text that is read as a UUID gives one: of these three the
 * documentation says nothing.
 */
const converting = `function (input, inputType, type, subtype, format, byteOrder) {
  const fail = function (reason) { throw new Error("$convert: " + reason); };
  const little = byteOrder === "little";
  if (!little && byteOrder !== "big") fail("byteOrder must be little or big");
  const toHex = function (bytes) {
    return Array.from(bytes, function (byte) { return (byte < 16 ? "0" : "") + byte.toString(16); }).join("");
  };
  const fromHex = function (text) {
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) fail("the text is not hexadecimal");
    return Uint8Array.from(text.match(/../g) || [], function (pair) { return parseInt(pair, 16); });
  };
  const binary = function (bytes, own) { return HexData(subtype === null ? own : subtype, toHex(bytes)); };
  const uuid = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
  if (type === "binData") {
    if (inputType === "binData") {
      if (subtype !== null && subtype !== input.subtype()) fail("the subtype is " + input.subtype());
      return input;
    }
    if (inputType !== "string") {
      const view = new DataView(new ArrayBuffer(inputType === "int" ? 4 : 8));
      if (inputType === "int") view.setInt32(0, input, little);
      else if (inputType === "double") view.setFloat64(0, input, little);
      else view.setBigInt64(0, BigInt(/-?\\d+/.exec(String(input))[0]), little);
      return binary(new Uint8Array(view.buffer), 0);
    }
    switch (format) {
      case "hex": return binary(fromHex(input), 0);
      case "utf8": {
        const escaped = unescape(encodeURIComponent(input));
        return binary(Uint8Array.from(escaped, function (letter) { return letter.charCodeAt(0); }), 0);
      }
      case "auto":
      case "uuid": {
        if (!uuid.test(input)) fail("the text is no UUID");
        return binary(fromHex(input.replace(/-/g, "")), 4);
      }
      case "base64": {
        if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(input)) fail("the text is not base64");
        return BinData(subtype === null ? 0 : subtype, input);
      }
      case "base64url": {
        if (!/^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}(?:==)?|[A-Za-z0-9_-]{3}=?)?$/.test(input)) fail("the text is not base64url");
        const text = input.replace(/=/g, "").replace(/-/g, "+").replace(/_/g, "/");
        return BinData(subtype === null ? 0 : subtype, text + "===".slice((text.length + 3) % 4));
      }
      default: fail("a text needs a format out of base64, base64url, hex, uuid, utf8");
    }
  }
  const bytes = fromHex(input.hex());
  if (type === "string") {
    switch (format) {
      case "hex": return toHex(bytes).toUpperCase();
      case "base64": return input.base64();
      case "base64url": return input.base64().replace(/=/g, "").replace(/[+]/g, "-").replace(/[/]/g, "_");
      case "utf8": {
        try { return decodeURIComponent(escape(String.fromCharCode.apply(null, bytes))); } catch (error) { fail("the data is not UTF-8"); }
      }
      case "auto":
      case "uuid": {
        if (input.subtype() === 4 && bytes.length === 16) {
          return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
        }
        if (format === "auto") return input.base64();
        fail("the data is no UUID");
      }
      default: fail("binary data needs a format out of base64, base64url, hex, uuid, utf8");
    }
  }
  const view = new DataView(bytes.buffer);
  const widths = type === "int" ? [1, 2, 4] : type === "long" ? [1, 2, 4, 8] : [4, 8];
  if (widths.indexOf(bytes.length) < 0) fail(bytes.length + " bytes are no " + type);
  if (type === "double") return bytes.length === 4 ? view.getFloat32(0, little) : view.getFloat64(0, little);
  if (bytes.length === 8) return NumberLong(String(view.getBigInt64(0, little)));
  const whole = bytes.length === 1 ? view.getInt8(0) : bytes.length === 2 ? view.getInt16(0, little) : view.getInt32(0, little);
  return type === "int" ? NumberInt(whole) : NumberLong(whole);
}`;

/** The same, which says whether it went well. */
const catching = `function (input, inputType, type, subtype, format, byteOrder) {
  const convert = ${converting};
  try {
    return { ok: true, value: convert(input, inputType, type, subtype, format, byteOrder) };
  } catch (error) {
    return { ok: false };
  }
}`;
