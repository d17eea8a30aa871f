import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A reference used as a JavaScript value. Documented in docs/errors/ASP1105.md. */
export const referenceAsValue = defineFinding<{ handler: string; reference: string; use: string }>("ASP1105", {
  severity: "error",
  message: ({ handler, reference, use }) => `${handler} uses \`${reference}\` as a JavaScript value: it is ${use}`,
  notes: ({ reference }) => [`\`${reference}\` stands for a field whose value is known only when an event arrives`],
  help: 'write it as an MQL expression, such as `{ $multiply: [data.price, 2] }` or `{ $concat: [data.name, "!"] }`',
});
