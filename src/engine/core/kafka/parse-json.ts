import { Double, Int32, Long } from "bson";
import { fromExtendedJson } from "../../../compiler/extended-json.ts";
import { endOfJsonText } from "../json-text.ts";
import type { Coded } from "./key-format.ts";

const int32 = { min: -0x8000_0000n, max: 0x7fff_ffffn };
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
/** As deep as the server stores. */
const deepest = 200;

/**
 * Reads JSON, or Extended JSON, into values that keep their BSON types: `1` is an int, `1.0` a double, `9007199254740993` a long.
 *
 * `JSON.parse` loses all three. A document whose keys JavaScript would put into another order comes as a Map, which is written in order.
 */
export function parseJson(text: string): Coded<unknown> {
  const parser: Parser = { text, at: 0, depth: 0 };
  try {
    const value = parseValue(parser);
    skipSpace(parser);
    if (parser.at < text.length) throw new JsonError(`unexpected ${found(parser)} after the value`);
    return { value };
  } catch (error) {
    if (error instanceof JsonError) return { reason: error.message };
    throw error;
  }
}

class JsonError extends Error {}

interface Parser {
  readonly text: string;
  at: number;
  depth: number;
}

const numberToken = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const space = /[ \t\n\r]*/y;

function skipSpace(parser: Parser): void {
  const code = parser.text.charCodeAt(parser.at);
  if (code > 0x20) return;
  space.lastIndex = parser.at;
  space.exec(parser.text);
  parser.at = space.lastIndex;
}

function parseValue(parser: Parser): unknown {
  skipSpace(parser);
  const { text, at } = parser;
  switch (text[at]) {
    case "{":
      return parseObject(parser);
    case "[":
      return parseArray(parser);
    case '"':
      return parseString(parser);
    case "t":
      return parseWord(parser, "true", true);
    case "f":
      return parseWord(parser, "false", false);
    case "n":
      return parseWord(parser, "null", null);
    default:
      return parseNumber(parser);
  }
}

function parseObject(parser: Parser): unknown {
  enter(parser);
  const entries: [string, unknown][] = [];
  skipSpace(parser);
  if (parser.text[parser.at] === "}") parser.at += 1;
  else {
    for (;;) {
      skipSpace(parser);
      if (parser.text[parser.at] !== '"') throw new JsonError(`unexpected ${found(parser)}, a field name is needed`);
      const name = parseString(parser);
      skipSpace(parser);
      expect(parser, ":");
      entries.push([name, parseValue(parser)]);
      if (isEnd(parser, "}")) break;
    }
  }
  parser.depth -= 1;
  return entries[0]?.[0].startsWith("$") === true ? fromWrapper(entries) : toDocument(entries);
}

function toDocument(entries: readonly [string, unknown][]): unknown {
  if (entries.some(([name]) => isOdd(name))) return new Map(entries);
  const document: Record<string, unknown> = {};
  for (const [name, value] of entries) document[name] = value;
  return document;
}

/** Names that an object would put first, or that mean something to it or to the BSON library. */
function isOdd(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || name === "__proto__" || name === "_bsontype" || name === "$ref";
}

function fromWrapper(entries: readonly [string, unknown][]): unknown {
  const [only] = entries;
  if (entries.length > 1 || only === undefined) return toDocument(entries);
  const read = fromExtendedJson({ [only[0]]: plain(only[1]) });
  if (read === undefined) return toDocument(entries);
  if ("value" in read) return read.value;
  throw new JsonError(`\`${read.wrapper}\` cannot be read: ${read.reason}`);
}

/** The content of a wrapper, with numbers that are numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.valueOf();
  if (typeof value !== "object" || value === null || value instanceof Map || "_bsontype" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

function parseArray(parser: Parser): unknown {
  enter(parser);
  const values: unknown[] = [];
  skipSpace(parser);
  if (parser.text[parser.at] === "]") parser.at += 1;
  else {
    do values.push(parseValue(parser));
    while (!isEnd(parser, "]"));
  }
  parser.depth -= 1;
  return values;
}

/** Goes past a comma or the end of what is open. */
function isEnd(parser: Parser, close: string): boolean {
  skipSpace(parser);
  const character = parser.text[parser.at];
  if (character !== close && character !== ",")
    throw new JsonError(`unexpected ${found(parser)}, \`,\` or \`${close}\` is needed`);
  parser.at += 1;
  return character === close;
}

function parseString(parser: Parser): string {
  const end = endOfJsonText(parser.text, parser.at);
  if (end === undefined) throw new JsonError(`the text at ${parser.at} does not end, or holds a control character`);
  const token = parser.text.slice(parser.at, end);
  parser.at = end;
  return token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
}

function parseNumber(parser: Parser): unknown {
  numberToken.lastIndex = parser.at;
  const match = numberToken.exec(parser.text);
  if (match === null) throw new JsonError(`unexpected ${found(parser)}`);
  const [token, fraction, exponent] = match;
  parser.at += token.length;
  if (fraction !== undefined || exponent !== undefined) return new Double(Number(token));
  if (token.length <= 9) return new Int32(Number(token));
  // No long has so many digits, and making a whole number of millions of them takes seconds.
  if (token.length > 20) return new Double(Number(token));
  const whole = BigInt(token);
  if (whole >= int32.min && whole <= int32.max) return new Int32(Number(whole));
  return whole >= int64.min && whole <= int64.max ? Long.fromBigInt(whole) : new Double(Number(token));
}

function parseWord<Value>(parser: Parser, word: string, value: Value): Value {
  if (!parser.text.startsWith(word, parser.at)) throw new JsonError(`unexpected ${found(parser)}`);
  parser.at += word.length;
  return value;
}

function enter(parser: Parser): void {
  parser.at += 1;
  parser.depth += 1;
  if (parser.depth > deepest) throw new JsonError(`it is nested deeper than ${deepest} levels`);
}

function expect(parser: Parser, character: string): void {
  if (parser.text[parser.at] !== character)
    throw new JsonError(`unexpected ${found(parser)}, \`${character}\` is needed`);
  parser.at += 1;
}

function found({ text, at }: Parser): string {
  return at >= text.length ? "end" : `${JSON.stringify(text[at])} at ${at}`;
}
