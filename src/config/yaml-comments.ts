import { Lexer } from "yaml";
import type { SourceComment } from "../diagnostics/ignore-comments.ts";

/** The comments of a YAML text; what looks like one in a quoted text or in a block is none. */
export function yamlComments(text: string): readonly SourceComment[] {
  const comments: SourceComment[] = [];
  let offset = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (markers.has(lexeme)) {
      isScalar = lexeme === scalarMarker;
      continue;
    }
    const end = offset + lexeme.length;
    if (lexeme.startsWith("#") && !isScalar) comments.push({ start: offset, end, value: lexeme.slice(1) });
    isScalar = false;
    offset = end;
  }
  return comments;
}

/** The lexer says with characters that are not in the text what comes next: a document, an error, a plain or block scalar. */
const scalarMarker = "\u001f";
const markers: ReadonlySet<string> = new Set(["\u0002", "\u0018", scalarMarker]);
