import { defineFinding } from "../../diagnostics/define-finding.ts";

/** An option of `defineProjection` that does not exist. Documented in docs/errors/ASP1100.md. */
export const unknownOption = defineFinding<{ option: string; of: string; suggestion: string | undefined }>("ASP1100", {
  severity: "error",
  message: ({ option, of }) => `\`${option}\` is not an option of ${of}`,
  help: ({ suggestion }) => (suggestion === undefined ? "remove it" : `did you mean \`${suggestion}\`?`),
});
