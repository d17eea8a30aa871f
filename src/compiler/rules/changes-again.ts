import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1060.md, whose examples are run as tests. */
export const changesAgain = defineFinding<{ field: string | undefined; mark: string }>("ASP1060", {
  severity: "warning",
  message: ({ field }) =>
    `${field === undefined ? "the stored document" : quote(field)} changes again when \`$merge\` gets the same document twice`,
  notes: ({ field, mark }) => [
    "documents are delivered at least once: after a restart some of them come again",
    `a guard: { $cond: [{ $gt: ["$$new.${mark}", { $ifNull: ["$${mark}", -1] }] }, <the new value>, "$${field ?? "$ROOT"}"] }`,
    `and what it compares: ${mark}: { $max: ["$${mark}", "$$new.${mark}"] }`,
  ],
  help: "set it only where the incoming document is newer than what was applied last",
});
