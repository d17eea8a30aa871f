import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A field set twice: once by itself and once as a part of its parent. Documented in docs/errors/ASP1107.md. */
export const pathBesideParent = defineFinding<{ handler: string; parent: string; path: string }>("ASP1107", {
  severity: "error",
  message: ({ handler, parent, path }) => `${handler} sets \`${path}\` beside its own parent \`${parent}\``,
  notes: ({ parent }) => [`the fields of a handler are set at once, so \`${parent}\` would have two values`],
  help: ({ parent, path }) => `set \`${path}\` inside the value of \`${parent}\`, or leave \`${parent}\` out`,
});
