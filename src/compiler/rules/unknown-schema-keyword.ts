import { defineFinding } from "../../diagnostics/define-finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly keyword: string;
  /** JSON Schema has it, in a draft or a part that the server does not know. */
  readonly elsewhere: boolean;
  readonly instead: string | undefined;
  readonly known: readonly string[];
}

/** Documented in docs/errors/ASP1068.md, whose examples are run as tests. */
export const unknownSchemaKeyword = defineFinding<Data>("ASP1068", {
  severity: "error",
  message: ({ keyword }) => `\`$jsonSchema\` has no keyword ${quote(keyword)}`,
  notes: ({ elsewhere }) =>
    elsewhere ? ["the server knows draft 4 of JSON Schema, without some of its keywords"] : [],
  help: ({ keyword, elsewhere, instead, known }) => (elsewhere ? instead : didYouMean(keyword, known)),
});
