import { isStreamPath } from "../expressions/metadata-paths.ts";
import { aspOperators } from "../expressions/operators.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { checkContext } from "./check-placement.ts";
import { atOf, child } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { readStages } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { onlyInStream } from "./rules/only-in-stream.ts";
import { unknownMetadata } from "./rules/unknown-metadata.ts";
import { walkExpressions } from "./walk-expressions.ts";

/**
 * Checks a stage that a cluster runs by rules of its own, as in `pipeline` of `$lookup`: only what Stream Processing alone has is out of place,
 * be it a stage, an operator or metadata.
 */
export function checkOnCluster(located: LocatedStage): readonly Finding[] {
  const { description, args } = located;
  // What stages of the server take is not described here; an operator is one wherever it stands in them.
  const values: readonly DescribedValue[] =
    description === undefined ? [{ schema: { asp: "expression" }, cursor: args }] : located.described();
  return [...checkContext(located), ...values.flatMap(checkValue)];
}

function checkValue(value: DescribedValue): readonly Finding[] {
  const { schema, cursor } = value;
  if (schema.context === "cluster") return readStages(cursor, "cluster").stages.flatMap(checkOnCluster);
  const findings: Finding[] = [];
  walkExpressions(value, {
    operator: (operator, here) => {
      const context = "cluster";
      if (aspOperators.includes(operator)) findings.push(onlyInStream(atOf(here()), { operator, context }));
      if (operator !== "$meta") return;
      const path = child(here(), operator);
      if (typeof path.value !== "string" || !isStreamPath(path.value)) return;
      findings.push(unknownMetadata(atOf(path), { word: path.value, onCluster: context }));
    },
  });
  return findings;
}
