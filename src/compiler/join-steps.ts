import type { PipelinePath } from "../diagnostics/finding.ts";

/** Steps below a value as one would write them: `documents[3].at`. */
export function joinSteps(steps: PipelinePath): string {
  return steps
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}
