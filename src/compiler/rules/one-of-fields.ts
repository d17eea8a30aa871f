import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1032.md, whose examples are run as tests. */
export const oneOfFields = defineFinding<{ owner: string; fields: readonly string[]; exactly: boolean }>("ASP1032", {
  severity: "error",
  message: ({ owner, fields, exactly }) =>
    `${owner} requires ${exactly ? "exactly" : "at least"} one of ${fields.map(quote).join(" or ")}`,
  help: ({ fields, exactly }) =>
    exactly ? `keep one of ${fields.map(quote).join(", ")}` : `add ${fields.map(quote).join(" or ")}`,
});
