import type { At, Finding, Severity } from "./finding.ts";
import { isFixedCode, isNeededToRun } from "./fixed-codes.ts";

/** What a project wants of a code where it is found: another severity, or not to be told. */
export interface Adjustment {
  /** As written; it need not exist. */
  readonly code: string;
  readonly severity: Severity | "off";
  /** Absent where none was given. */
  readonly reason?: string;
  /** Where it is written. */
  readonly at: At;
  readonly scope: AdjustmentScope;
}

/** What an adjustment is about: one line of a file, or an environment's processors. */
export type AdjustmentScope =
  | { readonly kind: "line"; readonly file: string; readonly line: number }
  | {
      readonly kind: "config";
      /** Absent where all environments share it. */
      readonly environment?: string;
      /** Absent where it is for all of them, and for what is no processor's. */
      readonly processors?: readonly string[];
    };

/** True where an adjustment is meant for a finding, whether it may change it or not. */
export function isAbout({ code, scope }: Adjustment, finding: Finding): boolean {
  if (code !== finding.code) return false;
  if (scope.kind === "line") return scope.file === finding.file && scope.line === finding.line;
  if (scope.processors === undefined) return true;
  return finding.processor !== undefined && scope.processors.includes(finding.processor);
}

/** What the findings are adjusted for. */
export interface AdjustingFor {
  /** True where asp's own engine is to run the processors: an error that it could not get over stays one. */
  readonly mustRun: boolean;
}

/**
 * What becomes of a finding: the first adjustment that is about it decides.
 *
 * Adjustments stand in the order of {@link byPrecedence}.
 */
export function adjustedSeverity(
  adjustments: readonly Adjustment[],
  finding: Finding,
  { mustRun }: AdjustingFor,
): Severity | "off" {
  if (isFixedCode(finding.code)) return finding.severity;
  if (mustRun && finding.severity === "error" && isNeededToRun(finding.code)) return finding.severity;
  return adjustments.find((adjustment) => isAbout(adjustment, finding))?.severity ?? finding.severity;
}

/** The nearest to the finding first: comments, then the environment's own, then what all environments share. */
export function byPrecedence(adjustments: readonly Adjustment[]): readonly Adjustment[] {
  const rank = ({ scope }: Adjustment): number => {
    if (scope.kind === "line") return 0;
    return scope.environment === undefined ? 2 : 1;
  };
  return adjustments.toSorted((a, b) => rank(a) - rank(b));
}
