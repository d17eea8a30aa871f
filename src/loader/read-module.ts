import { parseSync } from "oxc-parser";
import type { OxcError, ParseResult, Program } from "oxc-parser";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { ignoreWord } from "../diagnostics/ignore-comments.ts";
import type { SourceComment } from "../diagnostics/ignore-comments.ts";
import type { Places } from "./places.ts";
import { deepestBracket, maxDepth } from "./nesting.ts";
import { insert, toSourceText } from "./source-text.ts";
import type { Insertion, SourceText } from "./source-text.ts";
import { tagPlaces } from "./tag-places.ts";

/** Documented in docs/errors/ASP4051.md. */
export const notParsed = defineFinding<{ problem: string; help?: string | undefined }>("ASP4051", {
  severity: "error",
  message: ({ problem }) => `this module cannot be read: ${problem}`,
  help: ({ help }) => help,
});

/** What an `import` names, and where. */
export interface ImportedName {
  readonly specifier: string;
  readonly place: Place;
  readonly length: number;
}

/** One module, parsed: its code with tags, or why it is broken. */
export interface SourceModule {
  readonly source: SourceText;
  readonly insertions: readonly Insertion[];
  /** TypeScript still, lines as in the original. */
  readonly code: string;
  readonly imports: readonly ImportedName[];
  /** Of the default export, and of the elements where it is an array that is written out. */
  readonly defaultExport: { readonly place: Place; readonly elements: readonly (Place | undefined)[] } | undefined;
  /** Those of a module that silences something; else none. */
  readonly comments: readonly SourceComment[];
  readonly broken: Finding | undefined;
}

/** `file` is what findings call it; `text` its content. */
export function readModule(file: string, text: string, places: Places): SourceModule {
  const source = toSourceText(file, text.startsWith("\ufeff") ? text.slice(1) : text);
  const tooDeep = deepestBracket(source.text);
  if (tooDeep !== undefined) {
    return brokenModule(source, { problem: `it is nested more than ${maxDepth} levels deep` }, tooDeep);
  }
  const parsed = parseSync(file, source.text, { lang: /\.m?ts$/.test(file) ? "ts" : "js", sourceType: "module" });
  const [error] = parsed.errors;
  if (error !== undefined) return syntaxError(error, source);
  const { program } = parsed;
  const insertions = tagPlaces(program, source, places);
  return {
    source,
    insertions,
    code: `${insert(source.text, insertions)}${isPlainScript(parsed, source) ? "\nexport {};" : ""}`,
    imports: importedNames(parsed, source),
    defaultExport: defaultExport(program, source),
    comments: source.text.includes(ignoreWord) ? parsed.comments : [],
    broken: undefined,
  };
}

/** With neither imports nor exports, the bundler would take it for CommonJS, and its exports for a default one. */
function isPlainScript({ module }: ParseResult, { text }: SourceText): boolean {
  return !module.hasModuleSyntax && !/\b(?:exports|require)\b/.test(text);
}

function syntaxError({ message, labels, helpMessage }: OxcError, source: SourceText): SourceModule {
  const problem = message.replace(/\.$/, "");
  const data = { problem: problem.charAt(0).toLowerCase() + problem.slice(1), help: helpMessage?.replace(/\.$/, "") };
  const { start = 0, end = 1 } = labels[0] ?? {};
  return brokenModule(source, data, Math.min(start, source.text.length), Math.max(1, end - start));
}

/** A module of which nothing is known but why. */
export function brokenModule(
  source: SourceText,
  data: { readonly problem: string; readonly help?: string | undefined },
  offset: number,
  length = 1,
): SourceModule {
  const broken = notParsed({ place: source.placeAt(offset), length }, data);
  return { source, insertions: [], code: "", imports: [], defaultExport: undefined, comments: [], broken };
}

function importedNames({ module }: ParseResult, source: SourceText): readonly ImportedName[] {
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => {
      return { start, end, value: source.text.slice(start + 1, end - 1) };
    }),
  ];
  return requests.map(({ value, start, end }) => {
    return { specifier: value, place: source.placeAt(start), length: end - start };
  });
}

function defaultExport({ body }: Program, source: SourceText): SourceModule["defaultExport"] {
  for (const statement of body) {
    if (statement.type === "ExportDefaultDeclaration") {
      const value = statement.declaration;
      const elements = value.type === "ArrayExpression" ? value.elements : [];
      const isListed = elements.every((element) => element !== null && element.type !== "SpreadElement");
      return {
        place: source.placeAt(statement.start),
        elements: isListed
          ? elements.map((element) => element && source.placeAt(element.start)).map((place) => place ?? undefined)
          : [],
      };
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    const specifier = statement.specifiers.find(({ exported }) => "name" in exported && exported.name === "default");
    if (specifier !== undefined) return { place: source.placeAt(specifier.start), elements: [] };
  }
  return undefined;
}
