import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1020.md, whose examples are run as tests. */
export const undefinedValue = defineFinding<{ what: string }>("ASP1020", {
  severity: "error",
  message: ({ what }) => `${what} is undefined`,
  notes: () => ["the driver would send null in its place, or leave it out"],
  help: "give it a value, `null` included, or leave the key out",
});
