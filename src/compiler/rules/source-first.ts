import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP2001.md, whose examples are run as tests. */
export const sourceFirst = defineFinding<{ first: string | undefined }>("ASP2001", {
  severity: "error",
  message: ({ first }) =>
    first === undefined
      ? "the pipeline is empty: its first stage must be `$source`"
      : `the first stage must be \`$source\`, not ${quote(first)}`,
  help: "begin the pipeline with `{ $source: { connectionName: … } }`",
});
