import { EJSON } from "bson";
import type { OrReason } from "./http-request.ts";
import { endOfJsonText } from "./json-text.ts";
import { toBsonValue, type BsonValue } from "./set-path.ts";

/** What `onError` speaks of. Any other status that is no success FAILs the processor. Source: asp-language section 1.3. */
const refusals: ReadonlySet<number> = new Set([400, 404, 410, 413, 414, 431]);

export function judgeStatus(status: number): "success" | "refusal" | "failure" {
  if (status >= 200 && status < 300) return "success";
  return refusals.has(status) ? "refusal" : "failure";
}

/** What a response holds, by its content type; `value: undefined` for one of no bytes. */
export function readBody(
  body: Uint8Array | undefined,
  contentType: string | undefined,
  { parseJsonStrings = false }: { readonly parseJsonStrings?: boolean } = {},
): OrReason<BsonValue | undefined> {
  if (body === undefined) return { reason: "the response is larger than 16 MB" };
  if (body.length === 0) return { value: undefined };
  const [type = ""] = (contentType ?? "").split(";");
  const text = new TextDecoder().decode(body);
  switch (type.trim().toLowerCase()) {
    case "text/plain":
      return toValue(parseJsonStrings ? parseStrings(text) : text);
    case "":
    case "application/json":
      return readJson(text, parseJsonStrings);
    default:
      return {
        reason: `the response is of the type \`${type.trim()}\`, and not \`application/json\` or \`text/plain\``,
      };
  }
}

/** JSON as BSON: whole numbers as int and long, the wrappers of Extended JSON as what they stand for. */
export function readJson(text: string, parseJsonStrings = false): OrReason<BsonValue> {
  try {
    const value = parse(text);
    return toValue(parseJsonStrings ? parseStrings(value) : value);
  } catch (error) {
    return { reason: `the response is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function toValue(value: unknown): OrReason<BsonValue> {
  try {
    return { value: toBsonValue(value) };
  } catch {
    return { reason: "the response is too large, or too deep, for a document" };
  }
}

function parse(text: string): unknown {
  const value: unknown = EJSON.parse(keepLongs(text), { relaxed: false });
  if (hasInvalidDate(value)) throw new Error("a `$date` is no date");
  return value;
}

/** What a text begins with, and numbers, which are such only outside of texts. */
const tokens = /"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Whole numbers that JavaScript would round, as Extended JSON writes them. */
function keepLongs(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  const parts: string[] = [];
  let from = 0;
  tokens.lastIndex = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    if (token === '"') {
      const end = endOfJsonText(text, match.index);
      // The parser says what is wrong with it.
      if (end === undefined) return text;
      tokens.lastIndex = end;
    } else if (isRounded(token)) {
      parts.push(text.slice(from, match.index), `{"$numberLong":"${token}"}`);
      from = tokens.lastIndex;
    }
  }
  return parts.join("") + text.slice(from);
}

function isRounded(token: string): boolean {
  if (!/^-?\d{16,19}$/.test(token) || Number.isSafeInteger(Number(token))) return false;
  return BigInt.asIntN(64, BigInt(token)) === BigInt(token);
}

function hasInvalidDate(value: unknown): boolean {
  if (value instanceof Date) return Number.isNaN(value.getTime());
  if (typeof value !== "object" || value === null || "_bsontype" in value) return false;
  return Object.values(value).some(hasInvalidDate);
}

/** Texts that hold a JSON document or array become it, and what is in those too. */
function parseStrings(value: unknown): unknown {
  if (typeof value === "string") return /^\s*[[{]/.test(value) ? parseString(value) : value;
  if (Array.isArray(value)) return value.map(parseStrings);
  if (typeof value !== "object" || value === null || value instanceof Date || "_bsontype" in value) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, parseStrings(item)]));
}

function parseString(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch {
    return text;
  }
  return parseStrings(parsed);
}
