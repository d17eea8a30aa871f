import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1035.md, whose examples are run as tests. */
export const responseBodyField = defineFinding<{ path: string; as: string }>("ASP1035", {
  severity: "error",
  message: ({ path, as }) => `${quote(path)} is a field of the response: ${quote(as)} is the body already`,
  help: ({ as }) => `read ${quote(`$${as}`)}, unless what the service answers has a field \`body\` of its own`,
});
