import type { Document } from "bson";
import { isSame, textOf } from "../plan/normal-form.ts";
import type { FieldChange } from "../plan/step.ts";

/**
 * What differs between two read models, field by field: fields in any order, arrays as a whole, numbers by their value. `_asp` is left
 * out: it says how a document came to be, not what it says.
 */
export function compareDocuments(before: Document, after: Document): readonly FieldChange[] {
  return compareFields(before, after, []);
}

function compareFields(before: Document, after: Document, path: readonly string[]): readonly FieldChange[] {
  const [olds, news] = [entriesOf(before), entriesOf(after)];
  const names = new Set([...olds.keys(), ...news.keys()]);
  return [...names].flatMap((name): readonly FieldChange[] => {
    const at = [...path, name];
    if (path.length === 0 && name === "_asp") return [];
    const [old, own] = [olds.get(name), news.get(name)];
    if (isPlain(old) && isPlain(own)) return compareFields(old, own, at);
    if (olds.has(name) && news.has(name) && isSame(old, own)) return [];
    return [
      {
        field: at.join("."),
        ...(olds.has(name) && { before: textOf(old) }),
        ...(news.has(name) && { after: textOf(own) }),
      },
    ];
  });
}

function entriesOf(document: Document): ReadonlyMap<string, unknown> {
  return document instanceof Map ? (document as ReadonlyMap<string, unknown>) : new Map(Object.entries(document));
}

/** A document, as opposed to a value of BSON that JavaScript shows as an object. */
function isPlain(value: unknown): value is Document {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value) || "_bsontype" in value);
}

/** True for what `remove()` leaves: to readers it is not there. */
export function isTombstone(document: Document): boolean {
  const asp: unknown = document["_asp"];
  return typeof asp === "object" && asp !== null && (asp as Document)["deleted"] === true;
}
