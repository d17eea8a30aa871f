import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4090.md, whose examples are run as tests. */
export const timeOfNoField = defineFinding<{ text: string; path: string | undefined }>("ASP4090", {
  severity: "warning",
  message: ({ text }) => `\`timeField\` reads no field of the event: ${quote(text)} is a text`,
  notes: () => ["it is the same for every event, so no event has a time of its own"],
  help: ({ path }) => (path === undefined ? "name the field that holds the time" : `write ${quote(path)}`),
});
