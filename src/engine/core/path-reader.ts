import { isPlainObject } from "../../expressions/is-plain-object.ts";
import { bsonTypes, createFieldFinder, dateMsIn, type BsonField, type FieldFinder } from "./bson-fields.ts";

/** Reads what a field path gives for a document without asking mongod. */
export interface PathReader {
  /** The field, or that there is none; `undefined` where an array is in the way, and mongod has to say. */
  read(bson: Uint8Array): { readonly field: BsonField | undefined } | undefined;
}

/** A reader for an expression that is a plain field path, `"$a.b"`; `undefined` for any other. */
export function createPathReader(expression: unknown): PathReader | undefined {
  if (typeof expression !== "string" || !/^\$[^$.]+(?:\.[^$.]+)*$/u.test(expression)) return undefined;
  const finders: readonly FieldFinder[] = expression.slice(1).split(".").map(createFieldFinder);
  return {
    read: (bson) => {
      let field: BsonField | undefined;
      for (const [depth, find] of finders.entries()) {
        if (depth > 0 && field?.type === bsonTypes.array) return undefined;
        // Below something that is no document there is nothing.
        if (depth > 0 && field?.type !== bsonTypes.document) return { field: undefined };
        field = find(bson, field?.offset ?? 0);
      }
      return { field };
    },
  };
}

/** The time of documents where `{$toDate: "$a.b"}` finds a date; `undefined` where mongod has to say. */
export function createDateReader(expression: unknown): ((bson: Uint8Array) => number | undefined) | undefined {
  if (!isPlainObject(expression) || Object.keys(expression).length !== 1) return undefined;
  const path = createPathReader(expression["$toDate"]);
  if (path === undefined) return undefined;
  return (bson) => dateMsIn(bson, path.read(bson)?.field);
}
