import { child, descend } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { toFields } from "./expressions/walk.ts";

/** A field of the document that a stage reads, by its dotted path, and where. */
export interface FieldUse {
  readonly path: string;
  /** The text itself, or the value beside the key of a query. */
  readonly cursor: Cursor;
}

/** The fields that a value reads by name: in expressions, as `$field` or by way of `$$ROOT`, and as keys of a query. */
export function fieldUses({ schema, cursor }: DescribedValue): readonly FieldUse[] {
  const uses: FieldUse[] = [];
  if (schema.asp === "query") walkQuery(cursor, uses);
  // A pipeline has stages, which are no expressions; lists of documents are data.
  else if (schema.context === undefined && schema.asp !== "document" && !Array.isArray(cursor.value))
    walk(cursor, uses);
  return uses;
}

function walk(from: Cursor, uses: FieldUse[]): void {
  const path: (string | number)[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === "string") {
      const [, field] = /^\$(?:\$(?:ROOT|CURRENT)\.)?([^$].*)$/su.exec(value) ?? [];
      if (field !== undefined) uses.push({ path: field, cursor: descend(from, path) });
      return;
    }
    const fields = Array.isArray(value) ? value : toFields(value);
    if (fields === undefined) return;
    for (const [key, each] of Object.entries(fields)) {
      if (key === "$literal" || key === "$const") continue;
      path.push(Array.isArray(value) ? Number(key) : key);
      visit(each);
      path.pop();
    }
  };
  visit(from.value);
}

function walkQuery(cursor: Cursor, uses: FieldUse[]): void {
  const { value } = cursor;
  if (Array.isArray(value)) {
    for (const index of value.keys()) walkQuery(child(cursor, index), uses);
    return;
  }
  for (const key of Object.keys(toFields(value) ?? {})) {
    if (!key.startsWith("$")) uses.push({ path: key, cursor: child(cursor, key) });
    else if (key === "$expr") walk(child(cursor, key), uses);
    else if (key === "$and" || key === "$or" || key === "$nor") walkQuery(child(cursor, key), uses);
  }
}
