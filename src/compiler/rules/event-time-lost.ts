import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Fate } from "../field-fate.ts";

/** Documented in docs/errors/ASP1039.md, whose examples are run as tests. */
export const eventTimeLost = defineFinding<{ stage: string; fate: Fate; fields: readonly string[] }>("ASP1039", {
  severity: "warning",
  message: ({ stage, fate, fields }) =>
    `\`${stage}\` ${fate === "dropped" ? "drops" : "alters"} \`${fields.join("` and `")}\` of the change stream's events`,
  notes: () => ["the stages after `$source` expect the times of an event as the cluster gave them"],
  help: ({ stage, fate, fields }) => {
    if (fate === "altered") return "leave them as they are, and name the event's own time in `timeField`";
    const kept = fields.map((field) => `${field}: 1`).join(", ");
    return stage === "$project" ? `keep them: \`${kept}\`` : "leave them in, and drop them in a stage after `$source`";
  },
});
