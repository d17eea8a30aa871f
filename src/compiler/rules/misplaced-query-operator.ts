import { defineFinding } from "../../diagnostics/define-finding.ts";

interface Data {
  readonly operator: string;
  /** Where it stands, and should not: around fields or below one. */
  readonly stands: "around" | "below";
}

/** Documented in docs/errors/ASP1054.md, whose examples are run as tests. */
export const misplacedQueryOperator = defineFinding<Data>("ASP1054", {
  severity: "error",
  message: ({ operator, stands }) =>
    stands === "around"
      ? `\`${operator}\` stands below a field, not around it`
      : `\`${operator}\` stands around fields, not below one`,
  help: ({ operator, stands }) => {
    if (operator === "$not") return "use `$nor` to negate a whole query";
    if (stands === "around") return `write { field: { ${operator}: … } }, or compare expressions under \`$expr\``;
    return operator === "$or" || operator === "$and" || operator === "$nor"
      ? `name the field in each part: { ${operator}: [{ field: … }, { field: … }] }`
      : "move it to the top of the query";
  },
});
