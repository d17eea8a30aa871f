import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1004.md, whose examples are run as tests. */
export const serverOnlyStage = defineFinding<{ name: string; instead: string | undefined }>("ASP1004", {
  severity: "error",
  message: ({ name }) => `${quote(name)} is a stage of the server that Atlas Stream Processing does not have`,
  help: ({ instead }) => instead,
});
