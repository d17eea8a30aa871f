import { join, relative } from "node:path";
import type { At, Finding, Place } from "../../diagnostics/finding.ts";
import { isWindow } from "../../engine/core/plan-window.ts";
import type { Definition } from "../../stages/definition.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import { isTopic, toNamespace } from "../case/given.ts";
import { messageIds } from "../compare/compare-messages.ts";
import type { Difference } from "../compare/difference.ts";
import { isSameInAnotherOrder } from "../compare/same-in-another-order.ts";
import { describeDifference } from "../report/describe-difference.ts";
import type { TrialReport } from "../report/test-report.ts";
import { toReportValue } from "../report/to-report-value.ts";
import type { PreparedCase } from "./prepare-case.ts";
import { differs, notRepeatable } from "./run-findings.ts";

/**
 * The finding that names the smallest trial which ended differently than expected: in `straight` the processor does not do
 * what then/ says, in a later one it does not bear what an at-least-once engine does.
 */
export function judgeTrials(
  { fixture, definitions }: Pick<PreparedCase, "fixture" | "definitions">,
  trials: readonly TrialReport[],
  cwd: string,
): readonly Finding[] {
  const smallest = trials.find(({ differences }) => differences.length > 0);
  const [first] = smallest?.differences ?? [];
  if (smallest === undefined || first === undefined) return [];
  const lines = smallest.differences.map(
    (one) => `${one.processor === undefined ? "" : `\`${one.processor}\`, `}${describeDifference(one)}`,
  );
  const at: At = {
    ...(first.processor === undefined ? {} : { processor: first.processor }),
    place: placeOf(first, fixture, cwd),
  };
  const { name: trial } = smallest;
  return trial === "straight"
    ? [differs(at, { trial, lines, case: fixture.name, waiting: findWaiting(smallest.differences, definitions) })]
    : [notRepeatable(at, { trial, lines, case: fixture.name, isOrder: isSameInAnotherOrder(smallest.differences) })];
}

/** A processor whose window may hold back what is missing. */
function findWaiting(differences: readonly Difference[], definitions: readonly Definition[]): string | undefined {
  const missing = new Set(
    differences.flatMap(({ kind, processor }) => (kind === "missing" ? (processor?.split(", ") ?? []) : [])),
  );
  return definitions.find(({ name, pipeline }) => missing.has(name) && pipeline.some(isWindow))?.name;
}

/** The line that expects the document, or the file it would be expected in, or else the case. */
function placeOf({ collection, _id }: Difference, fixture: FixtureCase, cwd: string): Place {
  const dir = relative(cwd, fixture.dir);
  if (collection === "_dlq") return { file: join(dir, "then", "_dlq.ndjson"), line: 1, column: 1 };
  const files = fixture.expected.filter((one) => toNamespace(one) === collection);
  for (const { file, documents, lines, ...name } of files) {
    const ids = isTopic(name) ? messageIds(documents) : documents.map((one) => one["_id"]);
    const index = ids.findIndex((id) => _id !== undefined && sameJson(toReportValue(id), _id));
    if (index >= 0) return { file, line: lines?.[index] ?? 1, column: 1 };
  }
  return { file: files[0]?.file ?? dir, line: 1, column: 1 };
}

function sameJson(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
