import type { Finding } from "../diagnostics/finding.ts";
import { atOf, pathOf } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import type { DescribedValue } from "./described-values.ts";
import { constantResults } from "./expressions/constant-results.ts";
import { isDocument } from "./kinds.ts";
import { failMode } from "./rules/fail-mode.ts";
import { unknownWord } from "./rules/unknown-word.ts";
import { wrongType } from "./rules/wrong-type.ts";
import { pathKey } from "./snapshot.ts";
import { valueName } from "./value-name.ts";
import type { Owner } from "./value-name.ts";

/** Checks what an expression in the place of a word can give: each constant in it must be one of the words. */
export function checkChoice(
  { schema, cursor }: DescribedValue,
  owner: Owner,
  spoilt: ReadonlySet<string>,
): readonly Finding[] {
  const { asp, words = [], context } = schema;
  if (asp !== "choice" || !isDocument(cursor.value)) return [];
  const what = valueName(cursor, owner);
  return constantResults(cursor).flatMap((result) => {
    const { value } = result;
    if ((typeof value === "string" && words.includes(value)) || spoilt.has(pathKey(pathOf(result)))) return [];
    if (typeof value === "string") return wrongWord(result, { what, words, field: cursor.key });
    const isPipeline = context !== undefined && Array.isArray(value);
    const right = isPipeline ? "give the pipeline alone, and decide in its stages" : undefined;
    return wrongType(atOf(result), { what, expected: inWords(words), found: describeValue(value), right });
  });
}

interface Choice {
  readonly what: string;
  readonly words: readonly string[];
  readonly field: string | number;
}

/** What is said of a word that is none of those that are possible. */
export function wrongWord(word: Cursor, { what, words, field }: Choice): Finding {
  const found = String(word.value);
  return found === "fail" && (field === "whenMatched" || field === "whenNotMatched")
    ? failMode(atOf(word), { field })
    : unknownWord(atOf(word), { what, found, words });
}

function inWords(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(" or ");
}
