import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { checkConnection } from "./check-connections.ts";
import { checkNames } from "./check-names.ts";
import { checkShape } from "./check-shape.ts";
import { atKey, atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { describedValues } from "./described-values.ts";
import { dlqSchema } from "./dlq-schema.ts";
import { isDocument } from "./kinds.ts";
import { knownOptions, optionsSchema } from "./options-schema.ts";
import { notAProcessor } from "./rules/not-a-processor.ts";
import { unknownOption } from "./rules/unknown-option.ts";

/** Checks `options` of a processor: the dead letter queue, and what else is documented. */
export function checkOptions(
  options: Cursor,
  environment: Environment,
  spoilt: ReadonlySet<string>,
): readonly Finding[] {
  const { value } = options;
  if (value === undefined) return [];
  if (!isDocument(value)) {
    return [notAProcessor(atOf(options), { what: "`options`", expected: "a document", found: describeValue(value) })];
  }
  const strange = Object.keys(value).filter((option) => !knownOptions.includes(option));
  return [
    ...strange.map((option) => unknownOption(atKey(options, option), { option, known: knownOptions })),
    ...checkShape({ label: "`options`", schema: optionsSchema, args: options, spoilt }),
    ...checkDeadLetterQueue(child(options, "dlq"), environment, spoilt),
  ];
}

function checkDeadLetterQueue(dlq: Cursor, environment: Environment, spoilt: ReadonlySet<string>): readonly Finding[] {
  if (dlq.value === undefined) return [];
  const described = describedValues(dlqSchema, dlq);
  return [
    ...checkShape({ label: "`options.dlq`", schema: dlqSchema, args: dlq, spoilt }),
    ...described.flatMap((value) => checkConnection(value, "`options.dlq`", environment)),
    ...described.flatMap(checkNames),
  ];
}
