import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4071.md, whose examples are run as tests. */
export const loop = defineFinding<{ steps: readonly { readonly name: string; readonly writes: string }[] }>("ASP4071", {
  severity: "warning",
  message: ({ steps: [first, ...others] }) =>
    others.length === 0
      ? `${quote(first?.name ?? "")} reads what it writes: ${quote(first?.writes ?? "")}`
      : `${quote(first?.name ?? "")} reads what it causes, around ${others.map(({ name }) => quote(name)).join(", ")}`,
  notes: ({ steps }) => [
    ...(steps.length < 2 ? [] : steps.map(({ name, writes }) => `${quote(name)} writes ${quote(writes)}`)),
    "each write is another event, unless a stage in between leaves it out",
  ],
  help: 'write somewhere else; or read inserts only, by `$match: { operationType: "insert" }` in `config.pipeline`, and set `whenNotMatched: "discard"`',
});
