import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { atOf, descend } from "../cursor.ts";
import type { WholeProcessor } from "../own-stages.ts";
import { quote } from "../quote.ts";
import { labelOf, schemaOf } from "../read-stages.ts";
import { wordValues } from "../word-values.ts";

/** Documented in docs/errors/ASP4047.md, whose examples are run as tests. */
export const noDeadLetterQueue = defineFinding<{ field: string; owner: string; environment: string }>("ASP4047", {
  severity: "warning",
  message: ({ field, owner }) =>
    `${quote(field)} of ${owner} sends documents to the dead letter queue, and the processor has none`,
  notes: ({ environment }) => [
    `neither \`options\` nor the environment ${quote(environment)} names one`,
    "they are lost",
  ],
  help: "add `options.dlq`, or `dlq` to the environment in atlas.config.yaml",
});

/** Finds fields that name the dead letter queue where there is none. */
export function checkDeadLetterWords({ root, environment, stages }: WholeProcessor): readonly Finding[] {
  if (environment.dlq !== undefined || descend(root, ["options", "dlq"]).value !== undefined) return [];
  return stages.flatMap((located) => {
    const schema = schemaOf(located);
    const words = schema === undefined ? [] : wordValues(schema, located.args);
    return words
      .filter(({ words, cursor }) => cursor.value === "dlq" && words.includes("dlq"))
      .map(({ cursor }) => {
        const owner = labelOf(located);
        return noDeadLetterQueue(atOf(cursor), { field: String(cursor.key), owner, environment: environment.name });
      });
  });
}
