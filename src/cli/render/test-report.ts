import type { CaseReport, TestReport } from "../../testing/report/test-report.ts";
import { renderDuration } from "./numbers.ts";
import type { Paint } from "./paint.ts";
import { renderTime } from "./time-report.ts";

/** A line for each case, with the trials that failed, and a line with the counts. */
export function renderTestReport({ cases, passed, failed, seconds }: TestReport, paint: Paint): string {
  const width = Math.max(0, ...cases.map(({ name }) => name.length));
  const counts = [`${passed} passed`, ...(failed === 0 ? [] : [`${failed} failed`])].join(", ");
  const total = failed === 0 ? paint.green(counts) : paint.red(counts);
  const explained = cases.map(({ name, time }) => renderTime(name, time, paint)).filter((text) => text !== "");
  return [
    ...explained.flatMap((text) => [text, ""]),
    ...cases.map((report) => renderCase(report, width, paint)),
    "",
    `${total} in ${renderDuration(seconds * 1_000)}`,
  ]
    .join("\n")
    .trimStart();
}

function renderCase({ name, ok, trials, seconds }: CaseReport, width: number, paint: Paint): string {
  const mark = ok ? paint.green("✓") : paint.red("✗");
  const failed = trials.filter((trial) => !trial.ok && trial.skipped === undefined).map((trial) => trial.name);
  const skipped = trials.filter((trial) => trial.skipped !== undefined).map((trial) => trial.name);
  const remarks = [
    ...(failed.length === 0 ? [] : [`failed: ${failed.join(", ")}`]),
    ...(skipped.length === 0 ? [] : [`left out: ${skipped.join(", ")}`]),
  ];
  const remark = remarks.length === 0 ? "" : `  ${remarks.join("; ")}`;
  return `${mark} ${name.padEnd(width)}  ${paint.dim(renderDuration(seconds * 1_000))}${remark}`;
}
