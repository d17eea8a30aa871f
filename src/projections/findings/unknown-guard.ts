import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A guard that does not exist. Documented in docs/errors/ASP1113.md. */
export const unknownGuard = defineFinding<{ guard: string; suggestion: string | undefined }>("ASP1113", {
  severity: "error",
  message: ({ guard }) => `\`${guard}\` is not a guard`,
  notes: () => ['the guards are "version", "position", "streams" and "none"'],
  help: ({ suggestion }) => (suggestion === undefined ? "choose one of them" : `did you mean "${suggestion}"?`),
});
