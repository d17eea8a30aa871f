import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1013.md, whose examples are run as tests. */
export const badTimeField = defineFinding<{ found: string }>("ASP1013", {
  severity: "error",
  message: ({ found }) => `\`timeField\` must be { $toDate: … } or { $dateFromString: … }, not ${found}`,
  help: 'wrap the field: `timeField: { $toDate: "$data.at" }`',
});
