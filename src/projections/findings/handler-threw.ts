import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A handler that throws while it is compiled. Documented in docs/errors/ASP1104.md. */
export const handlerThrew = defineFinding<{ handler: string; error: string }>("ASP1104", {
  severity: "error",
  message: ({ handler, error }) => `${handler} throws: ${error}`,
  notes: () => ["handlers are called once, at compile time, with references instead of values"],
  help: "write what depends on values as an MQL expression",
});
