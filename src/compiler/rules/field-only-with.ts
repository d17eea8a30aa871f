import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1031.md, whose examples are run as tests. */
export const fieldOnlyWith = defineFinding<{
  owner: string;
  field: string;
  other: string;
  values: readonly (string | boolean)[];
  above: number | undefined;
}>("ASP1031", {
  severity: "error",
  message: ({ owner, field, other, values, above }) =>
    `${quote(field)} of ${owner}${above === undefined ? "" : ` can be above ${above}`} only ${
      above === undefined ? "stands " : ""
    }with ${quote(other)} ${values.map((value) => JSON.stringify(value)).join(" or ")}`,
  help: ({ field, other, above }) =>
    above === undefined
      ? `remove ${quote(field)}, or change ${quote(other)}`
      : `set ${quote(field)} to ${above}, or change ${quote(other)}`,
});
