import type { Finding } from "../diagnostics/finding.ts";
import { aspOperators, isOperator, operatorVersions } from "../expressions/operators.ts";
import type { DescribedValue } from "./described-values.ts";
import { unknownOperator } from "./rules/unknown-operator.ts";
import { walkExpressions } from "./walk-expressions.ts";

/** Finds operators that no server has in the expressions of a stage. */
export function checkOperators(described: DescribedValue): readonly Finding[] {
  const findings: Finding[] = [];
  walkExpressions(described, {
    operator: (name, { at }) => {
      if (isOperator(name) || name.startsWith("$_")) return;
      findings.push(unknownOperator(at, { name, known: [...operatorVersions.keys(), ...aspOperators] }));
    },
  });
  return findings;
}
