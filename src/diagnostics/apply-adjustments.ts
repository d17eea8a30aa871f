import { adjustedSeverity, byPrecedence, isAbout } from "./adjustment.ts";
import type { AdjustingFor, Adjustment } from "./adjustment.ts";
import type { Finding } from "./finding.ts";

export interface Adjusted {
  /** As the project wants them; those that are silenced are left out. */
  readonly findings: readonly Finding[];
  /** Adjustments that are about none of the findings. */
  readonly unused: readonly Adjustment[];
}

/** Gives each finding the severity that the project wants. An adjustment that another one overrules is not unused. */
export function applyAdjustments(
  findings: readonly Finding[],
  adjustments: readonly Adjustment[],
  purpose: AdjustingFor,
): Adjusted {
  const ordered = byPrecedence(adjustments);
  return {
    findings: findings.flatMap((finding) => {
      const severity = adjustedSeverity(ordered, finding, purpose);
      if (severity === "off") return [];
      if (severity !== finding.severity) return [{ ...finding, severity }];
      return [isKeptToRun(ordered, finding, purpose) ? withNote(finding) : finding];
    }),
    unused: adjustments.filter((adjustment) => !findings.some((finding) => isAbout(adjustment, finding))),
  };
}

/** True for an error that only running keeps as it is. */
function isKeptToRun(ordered: readonly Adjustment[], finding: Finding, { mustRun }: AdjustingFor): boolean {
  return mustRun && adjustedSeverity(ordered, finding, { mustRun: false }) !== finding.severity;
}

function withNote(finding: Finding): Finding {
  return {
    ...finding,
    notes: [...(finding.notes ?? []), "the project lowers it, and asp cannot run the processor with it"],
  };
}
