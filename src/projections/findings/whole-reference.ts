import { defineFinding } from "../../diagnostics/define-finding.ts";

/** `event` or `view` itself where a field of it is meant. Documented in docs/errors/ASP1119.md. */
export const wholeReference = defineFinding<{ where: string; root: "event" | "view" }>("ASP1119", {
  severity: "error",
  message: ({ where, root }) => `${where} uses the whole \`${root}\` as a value`,
  help: ({ root }) =>
    root === "event" ? "name a part of it, such as `data` or `event.time`" : "name the fields, such as `view.total`",
});
