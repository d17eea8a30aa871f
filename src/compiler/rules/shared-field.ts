import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4070.md, whose examples are run as tests. */
export const sharedField = defineFinding<{
  field: string | undefined;
  collection: string;
  names: readonly [string, string];
  where: string;
}>("ASP4070", {
  severity: "warning",
  message: ({ field, collection, names: [one, other] }) =>
    `${quote(one)} and ${quote(other)} both write ${field === undefined ? "every field" : quote(field)} of ${quote(collection)}`,
  notes: ({ where }) => [
    where,
    "where they meet in one document, the last of them wins, and nothing says which that is",
  ],
  help: "let one of them write it, or give each fields of its own",
});
