import { child, descend } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { toFields } from "./expressions/walk.ts";
import { isDocument } from "./kinds.ts";

/** What a rule wants to see of the expressions of a stage; `here` gives the cursor for a finding. */
export interface ExpressionVisitor {
  /** A key that begins with a dollar; `here` is the document that has it. */
  readonly operator: (operator: string, here: () => Cursor) => void;
}

/**
 * Walks the expressions of a described value, wherever they can stand in it.
 *
 * Passes over what is data (`$literal`, queries but for `$expr`, lists of documents) and what the cluster runs by its own
 * rules (the pipelines of `whenMatched` and `$source.config`).
 */
export function walkExpressions({ schema, cursor }: DescribedValue, visitor: ExpressionVisitor): void {
  if (schema.asp === "query") walkQuery(cursor, visitor);
  else if (whole.has(schema.asp)) walk(cursor, visitor);
  else if (orData.has(schema.asp) && !Array.isArray(cursor.value)) walk(cursor, visitor);
}

/** Kinds of values that are expressions through and through. */
const whole: ReadonlySet<string> = new Set([
  ...["expression", "expressions", "projection", "group", "sort", "metadata", "timeField"],
  ...["computedText", "computedDatabase", "computedCollection"],
]);

/** Kinds whose array is another form of the value: words, documents or a pipeline. */
const orData: ReadonlySet<string> = new Set(["choice", "documents"]);

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
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) step(index, value[index]);
    } else {
      const fields = toFields(value);
      for (const key in fields) {
        if (key.startsWith("$")) visitor.operator(key, here);
        if (key !== "$literal" && key !== "$const") step(key, fields[key]);
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
