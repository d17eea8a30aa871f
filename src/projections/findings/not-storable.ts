import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A value that BSON cannot hold, or that is a slip. Documented in docs/errors/ASP1111.md. */
export const notStorable = defineFinding<{ where: string; got: string; help: string }>("ASP1111", {
  severity: "error",
  message: ({ where, got }) => `${where} is ${got}`,
  help: ({ help }) => help,
});
