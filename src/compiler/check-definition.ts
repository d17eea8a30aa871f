import type { Finding } from "../diagnostics/finding.ts";
import { connectionType } from "./check-connections.ts";
import { checkKnownFields } from "./check-known-fields.ts";
import { checkMetaPaths } from "./check-meta-paths.ts";
import { checkIdempotence } from "./check-idempotence.ts";
import { checkOptions } from "./check-options.ts";
import { checkOrder } from "./check-placement.ts";
import { checkRun, checkStage } from "./check-stages.ts";
import type { StageSurroundings } from "./check-stages.ts";
import { atKey, atOf, child, pathOf } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { checkWhole } from "./check-whole.ts";
import { isDocument } from "./kinds.ts";
import { readWhole } from "./own-stages.ts";
import { readStages } from "./read-stages.ts";
import { notAProcessor } from "./rules/not-a-processor.ts";
import { unknownField } from "./rules/unknown-field.ts";
import { pathKey } from "./snapshot.ts";

const fields = ["name", "pipeline", "options"];

/** Checks a processor that has been copied: its own fields, the order of its stages, every stage, its options. */
export function checkDefinition(
  root: Cursor,
  surroundings: StageSurroundings,
  { generated }: { readonly generated: boolean },
): readonly Finding[] {
  const { environment, spoilt } = surroundings;
  const { value } = root;
  if (!isDocument(value)) {
    if (spoilt.has(pathKey([]))) return [];
    return [notAProcessor(atOf(root), { what: "a processor", expected: "a document", found: describeValue(value) })];
  }
  const findings: Finding[] = Object.keys(value)
    .filter((field) => !fields.includes(field))
    .map((field) => unknownField(atKey(root, field), { owner: "a processor", field, known: fields }));
  const name = child(root, "name");
  if ((typeof name.value !== "string" || name.value.trim() === "") && !spoilt.has(pathKey(pathOf(name)))) {
    const found = describeValue(name.value);
    findings.push(notAProcessor(atOf(name), { what: "`name`", expected: "a text that is not empty", found }));
  }
  const pipeline = child(root, "pipeline");
  if (!Array.isArray(pipeline.value) && !spoilt.has(pathKey(pathOf(pipeline)))) {
    const found = describeValue(pipeline.value);
    findings.push(notAProcessor(atOf(pipeline), { what: "`pipeline`", expected: "an array of stages", found }));
  }
  const typeOf = (connection: string) => connectionType(connection, environment);
  const { stages, findings: strange } = readStages(pipeline, "main", typeOf);
  return [
    ...findings,
    ...strange,
    ...checkOrder(pipeline, stages),
    ...stages.flatMap((stage) => checkStage(stage, surroundings)),
    ...checkMetaPaths(stages),
    ...checkKnownFields(stages, environment),
    // What projections compile to is guarded, or has been shown to need no guard.
    ...(generated ? [] : checkIdempotence(stages)),
    ...checkRun(stages, surroundings),
    ...checkOptions(child(root, "options"), environment, spoilt),
    ...checkWhole(readWhole(root, environment, stages)),
  ];
}
