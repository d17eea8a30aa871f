import { findingsToJson } from "../diagnostics/findings-to-json.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { CommandContext } from "./context.ts";
import { Exit } from "./exit.ts";
import { findNamedCases } from "./find-named-cases.ts";
import { loadOwnProject } from "./open-project.ts";
import { countsAsFailure, type Outcome } from "./outcome.ts";
import { renderDuration } from "./render/numbers.ts";
import { toPaint } from "./render/paint.ts";
import type { TestReport } from "../testing/report/test-report.ts";
import type { TestMongods } from "../testing/run/test-mongods.ts";

export interface RunTestsOptions {
  /** Of cases; none for all. */
  readonly names: readonly string[];
  readonly strict: boolean;
  readonly update?: boolean;
  readonly explainTime?: boolean;
  /** Those of earlier runs; default: some of its own. */
  readonly mongods?: TestMongods;
}

/** What a run of fixture cases comes to, and where cases ran their report. */
export interface TestsRun {
  readonly outcome: Outcome;
  readonly report?: TestReport;
  /** Absolute paths of all modules that were read. */
  readonly files: readonly string[];
}

/** Loads the project and runs its cases; ends with the reason of `ctx.signal` where that is aborted. */
export async function runTests(
  { names, strict, update = false, explainTime = false, mongods }: RunTestsOptions,
  ctx: CommandContext,
): Promise<TestsRun> {
  const project = await loadOwnProject(ctx, [], { mustRun: true });
  const { files, source } = project;
  const found = await findNamedCases(ctx.cwd, names);
  const early = [...project.findings, ...found.findings];
  if (found.findings.length > 0 || project.environment === undefined) {
    const json = toJson({ passed: 0, failed: 0 }, early, []);
    return { files, outcome: { text: "", json, findings: early, source } };
  }
  const [{ runCases }, { toTestReportJson }, { renderTestReport }] = await Promise.all([
    import("../testing/run-cases.ts"),
    import("../testing/report/test-report.ts"),
    import("./render/test-report.ts"),
  ]);
  const report = await runCases(project, {
    env: ctx.env,
    signal: ctx.signal,
    cases: found.cases,
    update,
    explainTime,
    ...(mongods && { mongods }),
    onProgress: ctx.progress,
    onCase: ({ name, ok, seconds }) => {
      ctx.progress(`${ok ? "ok" : "FAILED"} ${name}, ${renderDuration(seconds * 1_000)}`);
    },
  });
  const { findings } = report;
  const { cases } = toTestReportJson(report) as { readonly cases: readonly unknown[] };
  const isBad = report.failed > 0 || countsAsFailure(findings, { strict });
  return {
    files,
    report,
    outcome: {
      text: renderTestReport(report, toPaint({ color: ctx.color.stdout })),
      json: toJson(report, findings, cases),
      findings,
      source,
      exit: isBad ? Exit.invalid : Exit.ok,
    },
  };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function toJson({ passed, failed }: Counts, findings: readonly Finding[], cases: readonly unknown[]): object {
  return { passed, failed, findings: findingsToJson(findings).findings, cases };
}
