import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isAboutVariable } from "../config/interpolate.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { findCases, fixturesFolder } from "./case/find-cases.ts";
import type { FixtureCase } from "./case/fixture-case.ts";
import { loadCase } from "./case/load-case.ts";
import type { Trial } from "./case/trial.ts";
import type { Project } from "./project.ts";
import type { CaseReport, TestReport } from "./report/test-report.ts";
import { runCase } from "./run/run-case.ts";
import type { TestMongod } from "./run/test-mongod.ts";
import { createTestMongods, type TestMongods } from "./run/test-mongods.ts";

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
  /** To run on, and to leave running; default: some of its own. */
  readonly mongods?: TestMongods;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Called as each case is done. */
  readonly onCase?: (report: CaseReport) => void;
}

/**
 * Runs fixture cases, each alone on a mongod; two at once where there are two processors, for one waits while the other computes.
 *
 * @throws AspError when there is no mongod or it dies; the reason of `signal` when that is aborted.
 */
export async function runCases(project: Project, options: RunCasesOptions): Promise<TestReport> {
  const startedAt = performance.now();
  const names = options.cases ?? (await findCases(project.cwd));
  const cases = names.length === 0 ? [] : await runAll(names, project, options);
  // Cases may set variables, and those that need one that is not set say so themselves.
  const shared = cases.length === 0 ? project.findings : project.findings.filter((one) => !isAboutVariable(one));
  const findings = [...shared, ...onceEach(cases.flatMap((one) => one.findings))];
  const passed = cases.filter(({ ok }) => ok).length;
  return { passed, failed: cases.length - passed, findings, cases, seconds: (performance.now() - startedAt) / 1000 };
}

/** In the order of their names, whichever is done first. */
async function runAll(
  names: readonly string[],
  project: Project,
  options: RunCasesOptions,
): Promise<readonly CaseReport[]> {
  const { env, signal: given, onProgress, onCase, update, explainTime, trials } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(given === undefined ? [] : [given])]);
  const reports = new Map<string, CaseReport>();
  const waiting = names.values();
  // One after the other: whose module it is that fails, or does not end, is told by the time.
  let loading: Promise<unknown> = Promise.resolve();
  const load = (name: string): Promise<FixtureCase> => {
    const loaded = loading.then(() => loadCase(join(project.cwd, fixturesFolder, name), project.cwd));
    loading = loaded.catch(() => undefined);
    return loaded;
  };
  const runOn = async (mongod: TestMongod): Promise<void> => {
    for (const name of waiting) {
      signal.throwIfAborted();
      const report = await runCase(await load(name), project, {
        mongod,
        ci: isSet(env["CI"]),
        signal,
        ...(trials === undefined ? {} : { trials }),
        ...(update === undefined ? {} : { update }),
        ...(explainTime === undefined ? {} : { explainTime }),
      });
      reports.set(name, report);
      onCase?.(report);
    }
  };
  await using own = createTestMongods({ env, signal, ...(onProgress && { onProgress }) });
  const mongods = options.mongods ?? own;
  // It may have to be downloaded first, and once is enough.
  const first = await mongods.at(0);
  const runOnAnother = async (): Promise<void> => runOn(await mongods.at(1));
  const lanes = [runOn(first), ...(names.length > 1 && availableParallelism() > 1 ? [runOnAnother()] : [])];
  // What ends one ends the other, before a mongod is taken from under it.
  const ends = lanes.map((lane) => lane.catch((error: unknown) => failed.abort(error)));
  await Promise.all(ends);
  failed.signal.throwIfAborted();
  return names.flatMap((name) => reports.get(name) ?? []);
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
