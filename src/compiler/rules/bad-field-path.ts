import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1053.md, whose examples are run as tests. */
export const badFieldPath = defineFinding<{ path: string }>("ASP1053", {
  severity: "error",
  message: ({ path }) => `${quote(path)} is not the path of a field`,
  notes: () => ["a path has no empty part, and a dollar only in front"],
  help: "write it as `$literal` if it is a text, or with `$getField` if the field is called so",
});
