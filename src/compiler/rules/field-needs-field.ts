import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1017.md, whose examples are run as tests. */
export const fieldNeedsField = defineFinding<{
  owner: string;
  field: string;
  other: string;
  /** The other must be a number greater than this. */
  above?: number | undefined;
}>("ASP1017", {
  severity: "error",
  message: ({ owner, field, other, above }) =>
    `${quote(field)} of ${owner} needs ${quote(other)} ${above === undefined ? "" : `of ${above + 1} or more `}beside it`,
  help: ({ field, other, above }) =>
    above === undefined
      ? `add ${quote(other)}, or remove ${quote(field)}`
      : `set ${quote(other)} to ${above + 1} or more, or remove ${quote(field)}`,
});
