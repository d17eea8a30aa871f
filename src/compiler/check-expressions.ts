import type { Finding } from "../diagnostics/finding.ts";
import { aspOperators, isOperator, operatorVersions } from "../expressions/operators.ts";
import { atOf } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { forbiddenVariable } from "./rules/forbidden-variable.ts";
import { unknownOperator } from "./rules/unknown-operator.ts";
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
    reference: (reference, here) => {
      if (!reference.startsWith("$$")) return;
      const [variable = ""] = reference.split(".", 1);
      if (!forbidden.has(variable)) return;
      findings.push(forbiddenVariable(atOf(here()), { variable, instead: forbidden.get(variable) }));
    },
  });
  return findings;
}

/** Finds operators that no server has in the expressions of a stage. */
export function checkOperators(described: DescribedValue): readonly Finding[] {
  const findings: Finding[] = [];
  walkExpressions(described, {
    operator: (name, here) => {
      // The server's internal operators are documented nowhere and so are no concern of ours.
      if (isOperator(name) || name.startsWith("$_")) return;
      findings.push(unknownOperator(atOf(here()), { name, known: [...operatorVersions.keys(), ...aspOperators] }));
    },
  });
  return findings;
}
