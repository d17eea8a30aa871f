import { relative } from "node:path";
import type { At, Finding } from "../../diagnostics/finding.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import { toNamespace } from "../case/given.ts";
import { describeDifference } from "../report/describe-difference.ts";
import type { TrialReport } from "../report/test-report.ts";
import { differs, notRepeatable } from "./run-findings.ts";

/**
 * The finding that names the smallest trial which ended differently than expected: in `straight` the processor does not do
 * what then/ says, in a later one it does not bear what an at-least-once engine does.
 */
export function judgeTrials(fixture: FixtureCase, trials: readonly TrialReport[], cwd: string): readonly Finding[] {
  const smallest = trials.find(({ differences }) => differences.length > 0);
  const [first] = smallest?.differences ?? [];
  if (smallest === undefined || first === undefined) return [];
  const lines = smallest.differences.map(
    (one) => `${one.processor === undefined ? "" : `\`${one.processor}\`, `}${describeDifference(one)}`,
  );
  const file =
    first.collection === "_dlq"
      ? `${relative(cwd, fixture.dir)}/then/_dlq.ndjson`
      : fixture.expected.find((one) => toNamespace(one) === first.collection)?.file;
  const at: At = {
    ...(first.processor === undefined ? {} : { processor: first.processor }),
    place: { file: file ?? relative(cwd, fixture.dir), line: 1, column: 1 },
  };
  const { name: trial } = smallest;
  return trial === "straight"
    ? [differs(at, { trial, lines, what: `case ${fixture.name}` })]
    : [notRepeatable(at, { trial, lines, case: fixture.name })];
}
