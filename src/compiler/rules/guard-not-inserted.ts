import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1063.md, whose examples are run as tests. */
export const guardNotInserted = defineFinding<{ mark: string; fields: readonly string[] }>("ASP1063", {
  severity: "warning",
  message: ({ mark }) => `the guard compares ${quote(mark)}, which a document that is inserted does not have`,
  notes: ({ fields }) => [
    "where nothing matches, the document is inserted as it arrives, and the guard lets its first repetition through",
    `it arrives with: ${fields.slice(0, 20).join(", ")}`,
  ],
  help: ({ mark }) => `add ${quote(mark)} to the document before \`$merge\``,
});
