import { isOperatorOf, operatorsOf } from "../../expressions/operators.ts";
import type { OperatorKind } from "../../expressions/operators.ts";
import { operatorOfOtherKind } from "../rules/operator-of-other-kind.ts";
import { unknownOperator } from "../rules/unknown-operator.ts";
import { unknownQueryOperator } from "../rules/unknown-query-operator.ts";
import { insteadOfOperator } from "./server-variables.ts";
import { report } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** In the order in which they are tried. */
const kinds: readonly OperatorKind[] = ["expression", "query", "accumulator", "window"];

/** Reports an operator that may not stand here: it is of another kind, or there is none. The walk is at the document that has it. */
export function reportStrangeOperator(walk: Walk, name: string, wanted: OperatorKind): void {
  // The server's internal operators are documented nowhere and so are no concern of ours.
  if (name.startsWith("$_")) return;
  const kind = kinds.find((each) => each !== wanted && isOperatorOf(each, name));
  if (kind !== undefined) report(walk, operatorOfOtherKind, { operator: name, kind, wanted });
  else if (wanted === "query") report(walk, unknownQueryOperator, { name, known: operatorsOf("query") });
  else {
    const instead = insteadOfOperator(name, walk.surroundings);
    report(walk, unknownOperator, { name, known: operatorsOf(wanted), instead });
  }
}
