import type { Finding } from "../diagnostics/finding.ts";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { isDocument } from "./kinds.ts";
import { forbiddenVariable } from "./rules/forbidden-variable.ts";

/** Variables of the server that ASP does not have, and what there is instead. Source: asp-language section 2. */
const forbidden: ReadonlyMap<string, string | undefined> = new Map([
  ["$$NOW", "use `{ $currentDate: {} }`, or the event's own time"],
  ["$$CLUSTER_TIME", "use the event's own time"],
  ["$$USER_ROLES", undefined],
  ["$$SEARCH_META", undefined],
]);

/** Finds forbidden variables in the expressions of a stage, and not in what is data or runs on the cluster. */
export function checkVariables({ schema, cursor }: DescribedValue): readonly Finding[] {
  switch (schema.asp) {
    case "expression":
    case "expressions":
    case "projection":
    case "choice":
    case "timeField":
    case "computedDatabase":
    case "computedCollection":
      return Array.isArray(cursor.value) && schema.asp === "choice" ? [] : inExpression(cursor);
    case "documents":
      return Array.isArray(cursor.value) ? [] : inExpression(cursor);
    case "query":
      return inQuery(cursor);
    default:
      return [];
  }
}

function inExpression(cursor: Cursor): readonly Finding[] {
  const { value } = cursor;
  if (typeof value === "string") return inText(value, cursor);
  if (Array.isArray(value)) return value.flatMap((_, index) => inExpression(child(cursor, index)));
  if (!isDocument(value)) return [];
  const keys = value instanceof Map ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => (key === "$literal" ? [] : inExpression(child(cursor, key))));
}

function inText(text: string, cursor: Cursor): readonly Finding[] {
  if (!text.startsWith("$$")) return [];
  const [variable = ""] = text.split(".", 1);
  return forbidden.has(variable) ? [forbiddenVariable(cursor.at, { variable, instead: forbidden.get(variable) })] : [];
}

/** In a query only `$expr` holds expressions: `{ type: "$$NOW" }` matches that text. */
function inQuery(cursor: Cursor): readonly Finding[] {
  const { value } = cursor;
  if (Array.isArray(value)) return value.flatMap((_, index) => inQuery(child(cursor, index)));
  if (!isDocument(value)) return [];
  return Object.keys(value).flatMap((key) => {
    if (key === "$expr") return inExpression(child(cursor, key));
    return key === "$and" || key === "$or" || key === "$nor" ? inQuery(child(cursor, key)) : [];
  });
}
