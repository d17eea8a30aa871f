import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1001.md, whose examples are run as tests. */
export const notAProcessor = defineFinding<{ what: string; expected: string; found: string }>("ASP1001", {
  severity: "error",
  message: ({ what, expected, found }) => `${what} must be ${expected}, not ${found}`,
  help: "export `defineProcessor({ name, pipeline })` or `defineProjection({ … })`",
});
