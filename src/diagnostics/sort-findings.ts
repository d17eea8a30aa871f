import type { Finding, Severity } from "./finding.ts";

/** Findings by file, line, severity (errors first), column and code; those without a place come last, in the order found. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      compareFiles(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      rank[a.severity] - rank[b.severity] ||
      (a.column ?? 0) - (b.column ?? 0) ||
      // Modules are read in no fixed order: what stands at one place must not depend on it.
      (a.file === undefined ? 0 : compareTexts(a.code, b.code) || compareTexts(a.message, b.message)),
  );
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function compareFiles(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
