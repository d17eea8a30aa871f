import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A field name that cannot be stored or read. Documented in docs/errors/ASP1109.md. */
export const badFieldName = defineFinding<{ where: string; name: string; why: string }>("ASP1109", {
  severity: "error",
  message: ({ where, name, why }) => `${where} has a field \`${name}\`: ${why}`,
  help: "give the field another name, or store the pairs as an array of `{ k, v }`",
});
