import { defineFinding } from "../../diagnostics/define-finding.ts";

/** An option that is missing or of the wrong kind. Documented in docs/errors/ASP1101.md. */
export const badOption = defineFinding<{ option: string; expected: string; got: string }>("ASP1101", {
  severity: "error",
  message: ({ option, expected, got }) => `\`${option}\` must be ${expected}, and is ${got}`,
  help: ({ option, expected }) => `make \`${option}\` ${expected}`,
});
