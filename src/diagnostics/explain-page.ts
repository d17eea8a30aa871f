import { suggest } from "./suggest.ts";

/** Where the pages are and how to read them; the caller does the reading, this room knows no files. */
export interface PageFolder {
  /** `docs/errors` of the running package. */
  readonly docsDir: string;
  /** The text of a file, or undefined when there is none. */
  readonly read: (file: string) => string | undefined;
  /** Names of the files in `docsDir`, for suggestions. */
  readonly files?: readonly string[];
}

export type ExplainedPage =
  | { readonly found: true; readonly code: string; readonly text: string }
  | { readonly found: false; readonly code: string; readonly suggestion: string | undefined };

/** The page of a code, which may be written `ASP2003`, `asp2003` or `2003`. */
export function explainPage(code: string, folder: PageFolder): ExplainedPage {
  const full = toFullCode(code);
  // Only a well-formed code becomes part of a path.
  const text = /^ASP\d{4}$/.test(full) ? folder.read(`${folder.docsDir}/${full}.md`) : undefined;
  if (text !== undefined) return { found: true, code: full, text };
  const known = (folder.files ?? []).filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -3));
  return { found: false, code: full, suggestion: suggest(full, known) };
}

function toFullCode(code: string): string {
  const upper = code.trim().toUpperCase();
  return /^\d{1,4}$/.test(upper) ? `ASP${upper.padStart(4, "0")}` : upper;
}
