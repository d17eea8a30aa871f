import { isAboutVariable } from "../config/interpolate.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Engine, ProcessorStats } from "../engine/engine.ts";
import type { FixtureCase } from "./case/fixture-case.ts";
import { FixtureError } from "./case/fixture-error.ts";
import type { Difference } from "./compare/difference.ts";
import type { Project } from "./project.ts";
import { findReplaySource } from "./replay/find-source.ts";
import type { ReplayProgress, ReplayReport } from "./replay/replay-report.ts";
import { toReplayedProcessor } from "./replay/replay-report.ts";
import { emptyOut, writeOut } from "./replay/write-out.ts";
import { toReportDifference } from "./report/to-report-value.ts";
import { compareState } from "./run/compare-state.ts";
import { readDeadLetters, readEndState } from "./run/end-state.ts";
import { expectedOf } from "./run/expected-of.ts";
import { judgeTrials } from "./run/judge-trials.ts";
import { prepareCase } from "./run/prepare-case.ts";
import type { PreparedCase } from "./run/prepare-case.ts";
import { failed } from "./run/run-findings.ts";
import { runTrial } from "./run/run-trial.ts";
import type { TrialRun } from "./run/run-trial.ts";
import { startTestMongod } from "./run/test-mongod.ts";
import type { TestMongod } from "./run/test-mongod.ts";
import { findWrittenCollections } from "./run/written-collections.ts";

export interface ReplayOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `<db>.<coll>` that a file of events goes into; default the `events` collection of the config. */
  readonly into?: string;
  /** A folder that is emptied and gets the end state. */
  readonly out?: string;
  /** Events a second; default as fast as they go. */
  readonly rate?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Called about ten times a second while events go through. */
  readonly onEvents?: (progress: ReplayProgress) => void;
}

/**
 * Pushes events through the processors once, on a mongod of its own, and shows what came out. Memory does not grow with the
 * number of events.
 *
 * @throws AspError when there is no mongod or it dies, or `out` cannot be written; the reason of `signal` when aborted.
 */
export async function replay(project: Project, source: string, options: ReplayOptions): Promise<ReplayReport> {
  const { fixture, findings } = await findReplaySource(project, source, options.into);
  if (fixture === undefined) return refused([...project.findings, ...findings]);
  // A case may set variables, and one that needs what is not set says so itself.
  const shared = project.findings.filter((one) => !isAboutVariable(one));
  const before = [...shared, ...findings, ...fixture.findings];
  try {
    const { prepared, findings: unprepared } = await prepareCase(fixture, project);
    const isWrong = [...findings, ...fixture.findings].some(({ severity }) => severity === "error");
    if (prepared === undefined || isWrong) return refused([...before, ...unprepared]);
    const reads = [...fixture.seed, ...fixture.given].map(({ file }) => file);
    const out = options.out === undefined ? undefined : await emptyOut(options.out, { cwd: project.cwd, reads });
    await using mongod = await startTestMongod(options);
    const run = await runOnce(prepared, mongod, options);
    const outcome = await inspect(prepared, mongod, run, { out, cwd: project.cwd });
    const seconds = Math.round(run.seconds * 1000) / 1000;
    return {
      ok: outcome.ok,
      events: run.count,
      seconds,
      eventsPerSecond: run.seconds === 0 ? 0 : Math.round(run.count / run.seconds),
      processors: run.stats.map(toReplayedProcessor),
      ...(outcome.expected === undefined ? {} : { expected: outcome.expected }),
      differences: outcome.differences,
      findings: [...before, ...outcome.findings],
    };
  } catch (error) {
    if (error instanceof FixtureError) return refused([...before, error.finding]);
    throw error;
  }
}

function refused(findings: readonly Finding[]): ReplayReport {
  return { ok: false, events: 0, seconds: 0, eventsPerSecond: 0, processors: [], differences: [], findings };
}

async function runOnce(prepared: PreparedCase, mongod: TestMongod, options: ReplayOptions): Promise<TrialRun> {
  const { fixture, environment, definitions, variables, topics } = prepared;
  const { rate, signal, onEvents } = options;
  let engine: Engine | undefined;
  let fed = 0;
  const startedAt = performance.now();
  const report = (): void => {
    if (engine !== undefined) onEvents?.(toProgress(fed, (performance.now() - startedAt) / 1000, engine.stats()));
  };
  const timer = onEvents === undefined ? undefined : setInterval(report, 100);
  try {
    return await runTrial({
      mongod,
      environment,
      definitions,
      variables,
      topics,
      seed: fixture.seed,
      operations: prepared.operations,
      trial: "straight",
      count: 0,
      ...(rate === undefined ? {} : { rate }),
      ...(signal === undefined ? {} : { signal }),
      onEngine: (started) => {
        engine = started;
      },
      onFed: (count) => {
        fed = count;
      },
    });
  } finally {
    clearInterval(timer);
    report();
  }
}

function toProgress(events: number, seconds: number, processors: readonly ProcessorStats[]): ReplayProgress {
  const handled = Math.max(0, ...processors.map(({ input }) => input));
  return {
    events,
    seconds,
    eventsPerSecond: seconds === 0 ? 0 : Math.round(handled / seconds),
    lagMs: Math.max(0, ...processors.map(({ lagMs }) => lagMs.p50)),
    deadLetters: processors.reduce((sum, one) => sum + one.deadLetters, 0),
    processors,
  };
}

/** Compares where there is a then/, writes the end state where that is wanted, and reads nothing otherwise. */
async function inspect(
  prepared: PreparedCase,
  mongod: TestMongod,
  { stats, emitted }: TrialRun,
  { out, cwd }: { readonly out: string | undefined; readonly cwd: string },
): Promise<{
  readonly ok: boolean;
  readonly expected: number | undefined;
  readonly differences: readonly Difference[];
  readonly findings: readonly Finding[];
}> {
  const { fixture } = prepared;
  const { client } = mongod.cluster;
  const failures = stats.filter(({ state }) => state === "FAILED");
  const findings: Finding[] = failures.map(({ name, error }) => {
    const reason = error?.message ?? "for a reason that is not known";
    return failed({ processor: name }, { processor: name, trial: "straight", reason, help: error?.help });
  });
  const written = await findWrittenCollections(mongod, prepared, emitted);
  const targets = prepared.definitions.flatMap(({ options }) => (options?.dlq === undefined ? [] : [options.dlq]));
  if (out !== undefined) {
    const names = prepared.definitions.map(({ name }) => name);
    await writeOut(client, out, { written, deadLetters: readDeadLetters(client, targets, names) });
  }
  const differences = fixture.hasThen ? await compareThen(fixture) : [];
  const wrong = judgeTrials(prepared, [{ name: "straight", ok: false, differences, seconds: 0 }], cwd);
  const expected = fixture.hasThen ? countExpected(fixture) : undefined;
  const ok = failures.length === 0 && differences.length === 0;
  return { ok, expected, differences, findings: [...findings, ...wrong] };

  async function compareThen(one: FixtureCase): Promise<readonly Difference[]> {
    const state = await readEndState(client, written, targets);
    return compareState(expectedOf(one), state, { written, once: false }).map(toReportDifference);
  }
}

function countExpected({ expected, deadLetters }: FixtureCase): number {
  return expected.reduce((sum, { documents }) => sum + documents.length, deadLetters?.length ?? 0);
}
