import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";

/** What a `$replaceWith` or `$replaceRoot` puts in a document's place; `undefined` for any other stage. */
export function rootExpression(stage: Document): unknown {
  const root: unknown = stage["$replaceRoot"];
  return stage["$replaceWith"] ?? (isPlainObject(root) ? root["newRoot"] : undefined);
}
