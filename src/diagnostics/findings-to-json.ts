import type { Finding } from "./finding.ts";
import type { FindingJson, FindingsJson } from "./findings-schema.ts";
import { sortFindings } from "./sort-findings.ts";

export type { FindingJson, FindingsJson } from "./findings-schema.ts";

/** The value that `--json` prints for findings, sorted as the text form is. */
export function findingsToJson(findings: readonly Finding[]): FindingsJson {
  return {
    findings: sortFindings(findings).map(findingToJson),
    errors: findings.filter(({ severity }) => severity === "error").length,
    warnings: findings.filter(({ severity }) => severity === "warning").length,
  };
}

/** One finding with the keys of `--json`, in their documented order. */
export function findingToJson(finding: Finding): FindingJson {
  return {
    code: finding.code,
    severity: finding.severity,
    message: finding.message,
    processor: finding.processor ?? null,
    path: finding.path ?? null,
    file: finding.file ?? null,
    line: finding.line ?? null,
    column: finding.column ?? null,
    ...(finding.help === undefined ? {} : { help: finding.help }),
    ...(finding.notes === undefined ? {} : { notes: finding.notes }),
  };
}
