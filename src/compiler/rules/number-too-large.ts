import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1033.md, whose examples are run as tests. */
export const numberTooLarge = defineFinding<{
  owner: string;
  field: string;
  value: number;
  other: string;
  most: number;
}>("ASP1033", {
  severity: "error",
  message: ({ owner, field, value, other, most }) =>
    `${quote(field)} of ${owner} is ${value} and cannot be more than ${quote(other)}, which is ${most}`,
  help: ({ field, most }) => `set ${quote(field)} to ${most} or less`,
});
