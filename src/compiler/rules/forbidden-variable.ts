import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1012.md, whose examples are run as tests. */
export const forbiddenVariable = defineFinding<{ variable: string; instead: string | undefined }>("ASP1012", {
  severity: "error",
  message: ({ variable }) => `${quote(variable)} does not exist in Atlas Stream Processing`,
  help: ({ instead }) => instead,
});
