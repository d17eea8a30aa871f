import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1056.md, whose examples are run as tests. */
export const matchOperator = defineFinding<{ operator: string }>("ASP1056", {
  severity: "error",
  message: ({ operator }) => `\`$match\` of a stream cannot use \`${operator}\``,
  help: ({ operator }) => instead.get(operator) ?? "use `$geoWithin`, which needs no index",
});

const instead: ReadonlyMap<string, string> = new Map([
  ["$where", "compare under `$expr`"],
  ["$text", "use `$regex`"],
]);
