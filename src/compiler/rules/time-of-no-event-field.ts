import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";

/** Documented in docs/errors/ASP4181.md, whose examples are run as tests. Source: asp-language section 1.1.2. */
export const timeOfNoEventField = defineFinding<{ path: string; known: readonly string[] }>("ASP4181", {
  severity: "warning",
  message: ({ path }) => `\`timeField\` reads \`$${path}\`, and a change event has no field \`${topOf(path)}\``,
  notes: () => [
    "it reads the event as the change stream has it, also with `fullDocumentOnly`; an event without a time is a dead letter",
  ],
  help: ({ path, known }) => didYouMean(topOf(path), known) ?? `write \`$fullDocument.${path}\``,
});

function topOf(path: string): string {
  return path.split(".", 1)[0] ?? path;
}
