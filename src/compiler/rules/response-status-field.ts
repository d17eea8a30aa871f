import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1034.md, whose examples are run as tests. */
export const responseStatusField = defineFinding<{ path: string; as: string }>("ASP1034", {
  severity: "error",
  message: ({ path, as }) => `${quote(path)} is not the status of the response: ${quote(as)} is the body alone`,
  help: 'read the status with `{ $meta: "stream.https.httpStatusCode" }`',
});
