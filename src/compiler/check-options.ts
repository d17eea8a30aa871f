import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { checkConnection } from "./check-connections.ts";
import { checkNames } from "./check-names.ts";
import { checkShape } from "./check-shape.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { describedValues } from "./described-values.ts";
import { dlqSchema } from "./dlq-schema.ts";
import { isDocument } from "./kinds.ts";
import { notAProcessor } from "./rules/not-a-processor.ts";

/** Checks `options` of a processor; only the dead letter queue has a shape that is ours to check. */
export function checkOptions(
  options: Cursor,
  environment: Environment,
  spoilt: ReadonlySet<string>,
): readonly Finding[] {
  if (options.value === undefined) return [];
  if (!isDocument(options.value)) {
    return [
      notAProcessor(atOf(options), { what: "`options`", expected: "a document", found: describeValue(options.value) }),
    ];
  }
  const dlq = child(options, "dlq");
  if (dlq.value === undefined) return [];
  const described = describedValues(dlqSchema, dlq);
  return [
    ...checkShape({ label: "`options.dlq`", schema: dlqSchema, args: dlq, spoilt }),
    ...described.flatMap((value) => checkConnection(value, "`options.dlq`", environment)),
    ...described.flatMap(checkNames),
  ];
}
