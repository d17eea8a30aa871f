import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { atOf, child } from "../cursor.ts";
import type { Cursor } from "../cursor.ts";
import { isDocument } from "../kinds.ts";

/** Documented in docs/errors/ASP1015.md, whose examples are run as tests. */
export const validatorOperator = defineFinding<{ operator: string }>("ASP1015", {
  severity: "error",
  message: ({ operator }) => `\`$validate\` cannot use \`${operator}\``,
  help: "filter by it elsewhere, or with other operators",
});

/** Query operators that `$validate` refuses. Source: asp-language section 1.2. */
const refused: ReadonlySet<string> = new Set(["$near", "$nearSphere", "$text", "$where"]);

/** Below these stand values or another language. */
const data: ReadonlySet<string> = new Set(["$jsonSchema", "$expr", "$eq", "$ne", "$in", "$nin"]);

/** Finds refused operators wherever a query can hold one. */
export function checkValidatorOperators(query: Cursor): readonly Finding[] {
  const { value } = query;
  if (Array.isArray(value)) return value.flatMap((_, index) => checkValidatorOperators(child(query, index)));
  if (!isDocument(value)) return [];
  return Object.keys(value).flatMap((key) => {
    if (refused.has(key)) return [validatorOperator(atOf(child(query, key)), { operator: key })];
    if (data.has(key)) return [];
    return checkValidatorOperators(child(query, key));
  });
}
