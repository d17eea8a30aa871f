import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A handler that returns something that is not fields. Documented in docs/errors/ASP1106.md. */
export const notFields = defineFinding<{ handler: string; got: string }>("ASP1106", {
  severity: "error",
  message: ({ handler, got }) => `${handler} must return an object of fields or \`remove()\`, and returns ${got}`,
  help: 'return the fields to set, such as `{ status: "placed" }`',
});
