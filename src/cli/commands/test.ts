import { dirname, resolve } from "node:path";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { strictOption } from "../global-options.ts";
import { replaceFile } from "../replace-file.ts";
import { countsAsFailure } from "../outcome.ts";
import { renderDuration } from "../render/numbers.ts";
import { toPaint } from "../render/paint.ts";
import { makeFolder } from "../../mongod/make-folder.ts";

export const test = defineCommand({
  name: "test",
  summary: "Run fixture cases with all their trials, compare and report",
  about: "Cases run on a mongod of their own, whatever the environment says. A difference is a finding on stderr.",
  examples: [
    "asp test",
    "asp test order-is-placed --update",
    "asp test sessions --explain-time",
    "asp test --json --junit junit.xml",
  ],
  operands: { spec: "[cases...]", about: "folders of test/fixtures/; default: all" },
  options: {
    junit: { flag: "--junit <file>", about: "write a report for a build server, too" },
    explainTime: {
      flag: "--explain-time",
      about: "show which document moved the watermark, opened, joined or closed a window, or was late, and why",
    },
    update: { flag: "--update", about: "write what comes out to then/, where all trials agree" },
    strict: strictOption,
  },
  async run({ operands, options: { junit, update, explainTime, strict } }, ctx) {
    const [{ loadOwnProject }, { findNamedCases }] = await Promise.all([
      import("../open-project.ts"),
      import("../find-named-cases.ts"),
    ]);
    const project = await loadOwnProject(ctx, [], { mustRun: true });
    const found = await findNamedCases(ctx.cwd, operands);
    const early = [...project.findings, ...found.findings];
    if (found.findings.length > 0 || project.environment === undefined) {
      return { text: "", json: toJson({ passed: 0, failed: 0 }, early, []), findings: early, source: project.source };
    }

    // Before the cases run: what they show must not be lost for want of a folder.
    if (junit !== undefined) makeFolder(dirname(resolve(ctx.cwd, junit)));
    const { runCases } = await import("../../testing/run-cases.ts");
    const { toTestReportJson } = await import("../../testing/report/test-report.ts");
    const { renderTestReport } = await import("../render/test-report.ts");
    const report = await runCases(project, {
      env: ctx.env,
      signal: ctx.signal,
      cases: found.cases,
      update,
      explainTime,
      onProgress: ctx.progress,
      onCase: ({ name, ok, seconds }) => {
        ctx.progress(`${ok ? "ok" : "FAILED"} ${name}, ${renderDuration(seconds * 1_000)}`);
      },
    });
    if (junit !== undefined) {
      const { renderJunit } = await import("../../testing/report/render-junit.ts");
      await replaceFile(resolve(ctx.cwd, junit), renderJunit(report));
    }
    const { findings } = report;
    const { cases } = toTestReportJson(report) as { readonly cases: readonly unknown[] };
    const isBad = report.failed > 0 || countsAsFailure(findings, { strict });
    return {
      text: renderTestReport(report, toPaint({ color: ctx.color.stdout })),
      json: toJson(report, findings, cases),
      findings,
      source: project.source,
      exit: isBad ? Exit.invalid : Exit.ok,
    };
  },
});

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function toJson({ passed, failed }: Counts, findings: readonly Finding[], cases: readonly unknown[]): object {
  return { passed, failed, findings: findingsToJson(findings).findings, cases };
}
