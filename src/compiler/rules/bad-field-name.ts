import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP1055.md, whose examples are run as tests. */
export const badFieldName = defineFinding<{ name: string; within: string }>("ASP1055", {
  severity: "error",
  message: ({ name, within }) =>
    name === "" ? `a field in ${within} has no name` : `${within} cannot have a field called ${quote(name)}`,
  help: ({ name }) => {
    if (name.startsWith("$")) return "leave the dollar out, or use `$setField`";
    return name.includes(".") ? "write a document inside the document, or use `$setField`" : "name it";
  },
});
