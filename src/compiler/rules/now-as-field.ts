import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP4092.md, whose examples are run as tests. */
export const nowAsField = defineFinding<{ right: string | undefined }>("ASP4092", {
  severity: "warning",
  message: () => "`$NOW` is the field `NOW` of the document, not the time",
  help: ({ right }) => right,
});
