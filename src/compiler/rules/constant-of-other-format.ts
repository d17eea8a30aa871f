import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly owner: string;
  readonly field: string;
  readonly other: string;
  readonly word: string;
  readonly expected: string;
  readonly found: string;
  readonly help?: string | undefined;
}

/** Documented in docs/errors/ASP4085.md, whose examples are run as tests. */
export const constantOfOtherFormat = defineFinding<Data>("ASP4085", {
  severity: "error",
  message: ({ owner, field, other, word, expected, found }) =>
    `${quote(field)} of ${owner} must be ${expected} where ${quote(other)} is ${quote(word)}, not ${found}`,
  notes: () => ["every message would become a dead letter"],
  help: ({ help }) => help,
});
