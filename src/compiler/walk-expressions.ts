import { child, descend } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { isDocument } from "./kinds.ts";

/** What a rule wants to see of the expressions of a stage; `here` gives the cursor for a finding. */
export interface ExpressionVisitor {
  /** A field path or a variable: a text that begins with a dollar. */
  readonly reference?: (reference: string, here: () => Cursor) => void;
  /** A key that begins with a dollar; `here` is the document that has it. */
  readonly operator?: (operator: string, here: () => Cursor) => void;
}

/**
 * Walks the expressions of a described value, wherever they can stand in it.
 *
 * Passes over what is data (`$literal`, queries but for `$expr`, lists of documents) and what the cluster runs by its own
 * rules (the pipelines of `whenMatched` and `$source.config`).
 */
export function walkExpressions({ schema, cursor }: DescribedValue, visitor: ExpressionVisitor): void {
  switch (schema.asp) {
    case "expression":
    case "expressions":
    case "projection":
    case "timeField":
    case "computedDatabase":
    case "computedCollection":
      return walk(cursor, visitor);
    case "choice":
    case "documents":
      return Array.isArray(cursor.value) ? undefined : walk(cursor, visitor);
    case "query":
      return walkQuery(cursor, visitor);
    default:
  }
}

/** Walks plain values, not cursors: most expressions have nothing to find, and there are many. */
function walk(from: Cursor, visitor: ExpressionVisitor): void {
  const path: (string | number)[] = [];
  const here = (): Cursor => descend(from, path);
  const step = (key: string | number, value: unknown): void => {
    path.push(key);
    visit(value);
    path.pop();
  };
  const visit = (value: unknown): void => {
    if (typeof value === "string") {
      if (value.startsWith("$")) visitor.reference?.(value, here);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) step(index, item);
    } else if (isDocument(value)) {
      for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
        if (key.startsWith("$")) visitor.operator?.(key, here);
        if (key !== "$literal" && key !== "$const") step(key, item);
      }
    }
  };
  visit(from.value);
}

/** In a query only `$expr` holds expressions: `{ type: "$$NOW" }` matches that text. */
function walkQuery(cursor: Cursor, visitor: ExpressionVisitor): void {
  const { value } = cursor;
  if (Array.isArray(value)) {
    for (const index of value.keys()) walkQuery(child(cursor, index), visitor);
  } else if (isDocument(value)) {
    for (const key of Object.keys(value)) {
      if (key === "$expr") walk(child(cursor, key), visitor);
      else if (key === "$and" || key === "$or" || key === "$nor") walkQuery(child(cursor, key), visitor);
    }
  }
}
