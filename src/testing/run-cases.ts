import { join } from "node:path";
import { isAboutVariable } from "../config/interpolate.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { findCases, fixturesFolder } from "./case/find-cases.ts";
import { loadCase } from "./case/load-case.ts";
import type { Trial } from "./case/trial.ts";
import type { Project } from "./project.ts";
import type { CaseReport, TestReport } from "./report/test-report.ts";
import { runCase } from "./run/run-case.ts";
import { startTestMongod } from "./run/test-mongod.ts";

export interface RunCasesOptions {
  /** Decides where a mongod is found, and `CI`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of cases that are there; default all. */
  readonly cases?: readonly string[];
  readonly trials?: readonly Trial[];
  /** Rewrites then/ of each case whose trials agree. */
  readonly update?: boolean;
  /** Says of each case what the straight trial did to windows. */
  readonly explainTime?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Called as each case is done. */
  readonly onCase?: (report: CaseReport) => void;
}

/**
 * Runs fixture cases on a mongod of their own, one after the other.
 *
 * @throws AspError when there is no mongod or it dies; the reason of `signal` when that is aborted.
 */
export async function runCases(project: Project, options: RunCasesOptions): Promise<TestReport> {
  const startedAt = performance.now();
  const { env, signal, update, explainTime, trials } = options;
  const names = options.cases ?? (await findCases(project.cwd));
  const cases: CaseReport[] = [];
  if (names.length > 0) {
    await using mongod = await startTestMongod(options);
    for (const name of names) {
      signal?.throwIfAborted();
      const fixture = await loadCase(join(project.cwd, fixturesFolder, name), project.cwd);
      const report = await runCase(fixture, project, {
        mongod,
        ci: isSet(env["CI"]),
        ...(trials === undefined ? {} : { trials }),
        ...(update === undefined ? {} : { update }),
        ...(explainTime === undefined ? {} : { explainTime }),
        ...(signal === undefined ? {} : { signal }),
      });
      cases.push(report);
      options.onCase?.(report);
    }
  }
  // Cases may set variables, and those that need one that is not set say so themselves.
  const shared = cases.length === 0 ? project.findings : project.findings.filter((one) => !isAboutVariable(one));
  const findings = [...shared, ...onceEach(cases.flatMap((one) => one.findings))];
  const passed = cases.filter(({ ok }) => ok).length;
  return { passed, failed: cases.length - passed, findings, cases, seconds: (performance.now() - startedAt) / 1000 };
}

/** What is wrong with a variable is wrong in each case, and said once. */
function onceEach(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    if (!isAboutVariable(finding)) return true;
    const key = JSON.stringify(finding);
    return !seen.has(key) && seen.add(key);
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value.toLowerCase() !== "false";
}
