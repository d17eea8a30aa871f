import type { Finding } from "./finding.ts";

/** Findings without exact repeats, in the order in which each was found first. */
export function uniqueFindings(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, severity, message, processor, path, file, line, column }) => {
    const key = JSON.stringify([code, severity, message, processor, path, file, line, column]);
    return !seen.has(key) && seen.add(key);
  });
}
