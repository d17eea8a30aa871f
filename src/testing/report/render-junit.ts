import { describeDifference } from "./describe-difference.ts";
import type { CaseReport, TestReport, TrialReport } from "./test-report.ts";

/** The report as JUnit XML, which CI servers show: a suite for each case, in it a test for each trial. */
export function renderJunit(report: TestReport): string {
  const suites = report.cases.map(renderSuite);
  const tests = report.cases.reduce((sum, { trials }) => sum + Math.max(1, trials.length), 0);
  const failures = report.cases.reduce((sum, one) => sum + countFailures(one), 0);
  const head = `<testsuites name="asp test" tests="${tests}" failures="${failures}" time="${report.seconds.toFixed(3)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, "</testsuites>", ""].join("\n");
}

function renderSuite(one: CaseReport): string {
  const { name, trials, seconds } = one;
  const count = Math.max(1, trials.length);
  const skipped = trials.filter((trial) => trial.skipped !== undefined && trial.ok).length;
  const failures = countFailures(one);
  const errors = one.findings
    .filter(({ severity }) => severity === "error")
    .map(({ code, message }) => `${code}: ${message}`);
  // Only findings that no trial shows need a test of their own.
  const isUntold = !one.ok && trials.every(({ ok }) => ok);
  const tests = trials.map((trial) => renderTest(name, trial, errors));
  if (trials.length === 0 || isUntold) tests.push(renderUntold(name, one.ok, errors));
  return [
    `  <testsuite name="${escape(name)}" tests="${count + (isUntold && trials.length > 0 ? 1 : 0)}" failures="${failures}" skipped="${skipped}" time="${seconds.toFixed(3)}">`,
    ...tests,
    "  </testsuite>",
  ].join("\n");
}

function renderTest(suite: string, trial: TrialReport, errors: readonly string[]): string {
  const open = `    <testcase classname="${escape(suite)}" name="${trial.name}" time="${trial.seconds.toFixed(3)}"`;
  if (trial.ok && trial.skipped === undefined) return `${open}/>`;
  if (trial.ok) return `${open}>\n      <skipped message="${escape(trial.skipped ?? "")}"/>\n    </testcase>`;
  const lines = trial.differences.map(describeDifference);
  const [message = trial.skipped ?? "it failed"] = lines.length > 0 ? lines : errors;
  const text = escape([...(lines.length > 0 ? lines : errors)].join("\n"));
  return `${open}>\n      <failure message="${escape(message)}">${text}</failure>\n    </testcase>`;
}

function renderUntold(suite: string, ok: boolean, errors: readonly string[]): string {
  const open = `    <testcase classname="${escape(suite)}" name="fixture" time="0"`;
  if (ok) return `${open}/>`;
  const [message = "its processors did not compile"] = errors;
  return `${open}>\n      <failure message="${escape(message)}">${escape(errors.join("\n"))}</failure>\n    </testcase>`;
}

function countFailures({ ok, trials }: CaseReport): number {
  const failed = trials.filter((trial) => !trial.ok).length;
  return failed === 0 && !ok ? 1 : failed;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML 1.0 has no way to write most control characters. */
function escape(text: string): string {
  return text
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? character)
    .replace(/\p{Cc}/gu, (character) => (character === "\t" || character === "\r" ? character : "\uFFFD"));
}
