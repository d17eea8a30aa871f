import type { Document } from "bson";
import { parseExactJson } from "../../../compiler/exact-json.ts";

/**
 * Reads the body of a request. Everything but the pipeline is plain JSON; the pipeline is BSON: the order of its keys is kept (an object
 * with integer-like keys becomes a Map), Extended JSON is read, `1.0` is a double and what no int32 holds a 64-bit integer.
 *
 * @throws SyntaxError for what is no JSON, is nested too deep, or has a key that would be taken for something else
 */
export function readBody(text: string): unknown {
  checkDepth(text);
  const body: unknown = JSON.parse(text, refuseKeys);
  if (typeof body !== "object" || body === null || !("pipeline" in body)) return body;
  return { ...body, pipeline: (parseExactJson(text) as Document)["pipeline"] };
}

/** As deep as BSON may be. */
const deepest = 200;

function checkDepth(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[{\]}]/g)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > deepest) throw new SyntaxError(`it is nested deeper than ${deepest} levels`);
  }
}

/** A prototype to JavaScript, and a type to the driver. */
const refusedKeys = ["__proto__", "_bsontype"];

function refuseKeys(key: string, value: unknown): unknown {
  if (refusedKeys.includes(key)) throw new SyntaxError(`a key is \`${key}\``);
  return value;
}
