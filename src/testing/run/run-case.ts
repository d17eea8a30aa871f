import type { Finding } from "../../diagnostics/finding.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import { FixtureError } from "../case/fixture-error.ts";
import type { Project } from "../project.ts";
import type { CaseReport, TrialReport } from "../report/test-report.ts";
import { judgeTrials } from "./judge-trials.ts";
import { prepareCase } from "./prepare-case.ts";
import { runTrials } from "./run-trials.ts";
import type { RunTrialsOptions } from "./run-trials.ts";
import { updateThen } from "./update-then.ts";

/** Runs a case as its trials, judges them, and with `update` rewrites then/ if they agree. */
export async function runCase(fixture: FixtureCase, project: Project, options: RunTrialsOptions): Promise<CaseReport> {
  const startedAt = performance.now();
  let time: CaseReport["time"];
  const report = (findings: readonly Finding[], reports: readonly TrialReport[], ok: boolean): CaseReport => ({
    name: fixture.name,
    ...(time === undefined ? {} : { time }),
    ok: ok && !findings.some(({ severity }) => severity === "error"),
    trials: reports,
    findings,
    seconds: (performance.now() - startedAt) / 1000,
  });
  // What then/ says matters only where it is compared.
  const own =
    options.update === true ? fixture.findings.filter(({ file }) => !isThen(fixture, project, file)) : fixture.findings;
  if (own.some(({ severity }) => severity === "error")) return report(own, [], false);
  try {
    const shown = options.update === true ? { ...fixture, expected: [] } : fixture;
    const { prepared, findings, isBlocked } = await prepareCase(shown, project);
    if (prepared === undefined) return report([...own, ...findings], [], !isBlocked);
    const outcome = await runTrials(prepared, options);
    ({ time } = outcome);
    const wrong = judgeTrials(prepared, outcome.reports, project.cwd);
    const all = [...own, ...findings, ...outcome.findings, ...wrong];
    const ok = outcome.reports.every((trial) => trial.ok);
    if (options.update === true && ok && outcome.straight !== undefined) {
      await updateThen(fixture, outcome.straight, outcome.written);
    }
    return report(all, outcome.reports, ok);
  } catch (error) {
    if (error instanceof FixtureError) return report([...own, error.finding], [], false);
    throw error;
  }
}

function isThen({ dir }: FixtureCase, { cwd }: Project, file: string | undefined): boolean {
  return file !== undefined && `${cwd}/${file}`.startsWith(`${dir}/then/`);
}
