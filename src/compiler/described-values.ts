import type { TSchema } from "@sinclair/typebox";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { acceptsKind, isDocument } from "./kinds.ts";
import type { KindSchema } from "./kinds.ts";
import type { SchemaParts } from "./schema-parts.ts";

/** A value that a stage's schema gives a meaning: an expression, a query, a pipeline, a database. */
export interface DescribedValue {
  readonly schema: KindSchema;
  readonly cursor: Cursor;
}

/** Every described value of a stage's arguments that is there; what has the wrong shape is passed over. */
export function describedValues(schema: TSchema, args: Cursor): readonly DescribedValue[] {
  if (args.value === undefined) return [];
  if (isKind(schema)) return [{ schema, cursor: args }];
  const { properties, if: condition, else: otherwise } = schema as SchemaParts;
  const { value } = args;
  if (condition !== undefined && otherwise !== undefined) {
    return acceptsKind(value, condition)
      ? [{ schema: { asp: "expression" }, cursor: args }]
      : describedValues(otherwise, args);
  }
  if (properties === undefined || !isDocument(value)) return [];
  return Object.keys(value).flatMap((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property === undefined ? [] : describedValues(property, child(args, name));
  });
}

function isKind(schema: unknown): schema is KindSchema {
  return typeof schema === "object" && schema !== null && "asp" in schema;
}
