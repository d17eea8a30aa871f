/**
 * Why the server's regular expressions (PCRE) cannot read a pattern; undefined where they can, and wherever this reading is not sure.
 *
 * PCRE is not JavaScript: it reads `(?i)` and named groups of its own, and neither `\u0041` nor `[^]`. So this looks only for what is wrong
 * for certain.
 */
export function patternFault(pattern: string): string | undefined {
  if (pattern.includes("\0")) return "it holds NUL";
  if (isBeyondUs.test(pattern)) return undefined;
  let depth = 0;
  let repeatable = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    switch (character) {
      case "\\":
        if (at + 1 === pattern.length) return "it ends with a backslash";
        if (noEscapes.includes(pattern[at + 1] ?? "")) return noSuchEscape(pattern, at);
        at++;
        repeatable = true;
        break;
      case "[": {
        const end = endOfClass(pattern, at);
        if (typeof end === "string") return end;
        at = end;
        repeatable = true;
        break;
      }
      case "(":
        depth++;
        // What follows `(?` is no pattern yet.
        repeatable = pattern[at + 1] === "?";
        if (repeatable) at++;
        break;
      case ")":
        if (depth === 0) return "a `)` was not opened";
        depth--;
        repeatable = true;
        break;
      case "|":
        repeatable = false;
        break;
      case "*":
      case "+":
      case "?":
        if (!repeatable) return `nothing stands before a \`${character}\``;
        break;
      default:
        repeatable = true;
    }
  }
  return depth > 0 ? "a `(` is not closed" : undefined;
}

/** Quoted parts, comments, verbs, collating elements, and white space that means nothing. */
const isBeyondUs = /\\Q|\(\?#|\(\*|\[[.=]|\(\?[a-zA-Z^-]*x/u;

/** Escapes of other dialects that PCRE refuses. */
const noEscapes: readonly string[] = ["u", "U", "l", "L"];

/** Where the class that begins here ends, or what is wrong with it. A `]` at its beginning is one of its characters. */
function endOfClass(pattern: string, from: number): number | string {
  let at = from + 1;
  if (pattern[at] === "^") at++;
  if (pattern[at] === "]") at++;
  while (at < pattern.length) {
    const character = pattern[at];
    const name = character === "[" ? /^\[:\^?[a-z]+:\]/u.exec(pattern.slice(at, at + 20)) : null;
    if (character === "]") return at;
    if (character === "\\" && noEscapes.includes(pattern[at + 1] ?? "")) return noSuchEscape(pattern, at);
    if (name !== null) at += name[0].length;
    else at += character === "\\" ? 2 : 1;
  }
  return "a `[` is not closed";
}

function noSuchEscape(pattern: string, at: number): string {
  return `it has no escape \`\\${pattern[at + 1]}\``;
}
