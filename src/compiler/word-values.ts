import type { TSchema } from "@sinclair/typebox";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { isDocument } from "./kinds.ts";
import type { SchemaParts } from "./schema-parts.ts";

/** A field that takes one of some words, and has a value. */
export interface WordValue {
  readonly words: readonly unknown[];
  readonly cursor: Cursor;
}

/** The fields of a stage's arguments, at whatever depth, that take one of some words. */
export function wordValues(schema: TSchema, args: Cursor): readonly WordValue[] {
  const { properties = {}, enum: words } = schema as SchemaParts;
  const { value } = args;
  if (words !== undefined) return value === undefined ? [] : [{ words, cursor: args }];
  if (!isDocument(value)) return [];
  return Object.keys(value).flatMap((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property === undefined ? [] : wordValues(property, child(args, name));
  });
}
