import type { Adjustment } from "../../diagnostics/adjustment.ts";
import { applyAdjustments } from "../../diagnostics/apply-adjustments.ts";
import { checkAdjustments, unusedAdjustment } from "../../diagnostics/check-adjustments.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { isFixedCode } from "../../diagnostics/fixed-codes.ts";
import { pageCodes } from "./page-codes.ts";

export interface AdjustOptions {
  /** Those of this environment, and of the modules. */
  readonly adjustments: readonly Adjustment[];
  /** Those of other environments: checked, not applied. */
  readonly elsewhere: readonly Adjustment[];
  /** Names of all processors that were loaded. */
  readonly processors: readonly string[];
  /** True where asp's own engine is to run the processors. */
  readonly mustRun: boolean;
  /** True where every processor compiled, and so was compared with the others. */
  readonly comparedAll: boolean;
  /** The environment for which every processor was compiled; absent where only some were. */
  readonly checkedFor?: string;
}

/** Codes of rules that compare processors (ASP407x): what they did not see is not known to be right. */
function isProjectCode(code: string): boolean {
  return /^ASP407\d$/.test(code);
}

/** The findings of a project as its config and comments want them, with what is wrong with these. */
export function adjustFindings(findings: readonly Finding[], options: AdjustOptions): readonly Finding[] {
  const { adjustments, elsewhere, processors, mustRun, comparedAll, checkedFor } = options;
  const all = [...adjustments, ...elsewhere];
  if (all.length === 0) return findings;
  // Behind a module or a config that cannot be read there may be anything.
  const isWhole = !findings.some(({ code, severity }) => severity === "error" && isFixedCode(code));
  const context = { codes: pageCodes(), ...(isWhole ? { processors } : {}) };
  const adjusted = applyAdjustments(findings, adjustments, { mustRun });
  const unused = adjusted.unused
    .filter((adjustment) => checkAdjustments([adjustment], context).length === 0)
    .filter(({ code }) => comparedAll || !isProjectCode(code))
    .map((adjustment) => unusedAdjustment(adjustment.at, { adjustment, environment: checkedFor ?? "" }));
  const wrong = checkAdjustments(all, context);
  return [...adjusted.findings, ...wrong, ...(isWhole && checkedFor !== undefined ? unused : [])];
}
