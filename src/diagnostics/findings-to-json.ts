import type { Finding } from "./finding.ts";
import { sortFindings } from "./sort-findings.ts";

/** A finding as `--json` prints it; what is not known is null, so that every finding has the same keys. */
export interface FindingJson {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly processor: string | null;
  readonly path: readonly (string | number)[] | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly help?: string;
  readonly notes?: readonly string[];
}

export interface FindingsJson {
  readonly findings: readonly FindingJson[];
  readonly errors: number;
  readonly warnings: number;
}

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
