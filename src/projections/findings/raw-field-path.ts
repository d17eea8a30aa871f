import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A string that the server would read as a field path. Documented in docs/errors/ASP1110.md. */
export const rawFieldPath = defineFinding<{ where: string; text: string }>("ASP1110", {
  severity: "error",
  message: ({ where, text }) => `${where} has the raw field path \`${JSON.stringify(text)}\``,
  notes: () => ["a compiled projection moves fields about, so a raw path would not find what it names"],
  help: ({ text }) =>
    `use a reference such as \`data.${text.slice(1)}\` or \`view.${text.slice(1)}\`, or \`{ $literal: ${JSON.stringify(text)} }\` for the text itself`,
});
