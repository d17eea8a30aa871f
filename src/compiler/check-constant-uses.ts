import type { Finding } from "../diagnostics/finding.ts";
import { misfitsOf } from "./constant-uses.ts";
import { atOf, pathOf } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { quote } from "./quote.ts";
import { labelOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { wrongType } from "./rules/wrong-type.ts";
import { pathKey } from "./snapshot.ts";

/** Checks the constants of a described value that the service has a use for of its own: headers, a new document, a condition. */
export function checkConstantUses(
  { schema, cursor }: DescribedValue,
  located: LocatedStage,
  spoilt: ReadonlySet<string>,
): readonly Finding[] {
  if (schema.takes === undefined) return [];
  return misfitsOf(cursor, schema.takes).flatMap((misfit) => {
    const path = pathOf(misfit.cursor);
    if (spoilt.has(pathKey(path))) return [];
    const steps = path.slice(pathOf(located.args).length);
    const label = labelOf(located);
    return wrongType(atOf(misfit.cursor), {
      what: steps.length === 0 ? label : `${quote(steps.join("."))} of ${label}`,
      expected: misfit.expected,
      found: misfit.found,
      right: misfit.help,
    });
  });
}
