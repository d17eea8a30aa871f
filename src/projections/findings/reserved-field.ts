import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A field that the compiled projection or the service keeps for itself. Documented in docs/errors/ASP1108.md. */
export const reservedField = defineFinding<{ where: string; field: string; why: string }>("ASP1108", {
  severity: "error",
  message: ({ where, field }) => `${where} sets \`${field}\`, which is not the author's to set`,
  notes: ({ why }) => [why],
  help: ({ field }) =>
    field === "_id" ? "use the option `key` to choose the read model" : "give the field another name",
});
