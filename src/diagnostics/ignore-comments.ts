import type { Adjustment } from "./adjustment.ts";
import { defineFinding } from "./define-finding.ts";
import type { Finding, Place } from "./finding.ts";

/** Documented in docs/errors/ASP4025.md. */
export const noCode = defineFinding<object>("ASP4025", {
  severity: "error",
  message: () => "`asp-ignore` names no finding",
  help: "name the code and say why: `asp-ignore ASP1030: reason`",
});

/** A comment in a source: its offsets, delimiters included, and the text between them. */
export interface SourceComment {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** The word that such a comment begins with. A text without it needs no search. */
export const ignoreWord = "asp-ignore";

/**
 * Reads comments like `asp-ignore ASP1030, ASP1031: reason` of a source.
 *
 * One that stands behind code is about its own line, one that stands alone about the next line that is no comment.
 */
export function readIgnoreComments(
  file: string,
  text: string,
  comments: readonly SourceComment[],
): { readonly adjustments: readonly Adjustment[]; readonly findings: readonly Finding[] } {
  const adjustments: Adjustment[] = [];
  const findings: Finding[] = [];
  const ignoring = comments.filter(({ value }) => written.test(value));
  const lines = ignoring.length === 0 ? [] : text.split(lineEnd);
  for (const comment of ignoring) {
    const said = text.slice(comment.start, comment.end);
    const at = (offset: number): Place => placeAt(file, text, comment.start + offset);
    const [, rest = ""] = written.exec(comment.value) ?? [];
    const [, names = "", reason = ""] = /^([^:]*):?([^]*)$/.exec(rest) ?? [];
    const codes = [...names.matchAll(/\bASP\d\w*/gi)];
    const from = said.indexOf(ignoreWord);
    if (codes.length === 0) findings.push(noCode({ place: at(from), length: ignoreWord.length }, {}));
    const line = targetLine(lines, comment, at);
    for (const { 0: code, index } of codes) {
      adjustments.push({
        code,
        severity: "off",
        ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
        at: { place: at(from + ignoreWord.length + index), length: code.length },
        scope: { kind: "line", file, line },
      });
    }
  }
  return { adjustments, findings };
}

/** Prose about such comments does not begin with the word. */
const written = new RegExp(`^[\\s*]*${ignoreWord}(?![\\w-])([^]*)$`);
const lineEnd = /\r\n|[\r\n\u2028\u2029]/;
const onlyComment = /^\s*(?:\/\/|#|\/\*.*\*\/\s*$)/;

function targetLine(lines: readonly string[], { start, end }: SourceComment, at: (offset: number) => Place): number {
  const { line, column } = at(0);
  const isAlone = (lines[line - 1] ?? "").slice(0, column - 1).trim() === "";
  if (!isAlone) return line;
  let next = at(end - start).line + 1;
  while (onlyComment.test(lines[next - 1] ?? "")) next += 1;
  return next;
}

function placeAt(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset).split(lineEnd);
  return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
