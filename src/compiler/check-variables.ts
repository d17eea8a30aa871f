import type { Finding } from "../diagnostics/finding.ts";
import type { DescribedValue } from "./described-values.ts";
import { forbiddenVariable } from "./rules/forbidden-variable.ts";
import { walkExpressions } from "./walk-expressions.ts";

/** Variables of the server that ASP does not have, and what there is instead. Source: asp-language section 2. */
const forbidden: ReadonlyMap<string, string | undefined> = new Map([
  ["$$NOW", "use `{ $currentDate: {} }`, or the event's own time"],
  ["$$CLUSTER_TIME", "use the event's own time"],
  ["$$USER_ROLES", undefined],
  ["$$SEARCH_META", undefined],
]);

/** Finds forbidden variables in the expressions of a stage. */
export function checkVariables(described: DescribedValue): readonly Finding[] {
  const findings: Finding[] = [];
  walkExpressions(described, {
    reference: (reference, { at }) => {
      const [variable = ""] = reference.split(".", 1);
      if (forbidden.has(variable)) findings.push(forbiddenVariable(at, { variable, instead: forbidden.get(variable) }));
    },
  });
  return findings;
}
