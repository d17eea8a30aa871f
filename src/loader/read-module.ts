import { parseSync } from "oxc-parser";
import type { ParseResult, Program } from "oxc-parser";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import type { Places } from "./places.ts";
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
  readonly broken: Finding | undefined;
}

/** `file` is what findings call it; `text` its content. */
export function readModule(file: string, text: string, places: Places): SourceModule {
  const source = toSourceText(file, text.startsWith("\ufeff") ? text.slice(1) : text);
  const parsed = parseSync(file, source.text, { lang: /\.m?ts$/.test(file) ? "ts" : "js", sourceType: "module" });
  const broken = syntaxFinding(parsed, source);
  if (broken !== undefined) {
    return { source, insertions: [], code: source.text, imports: [], defaultExport: undefined, broken };
  }
  const { program } = parsed;
  const insertions = tagPlaces(program, source, places);
  return {
    source,
    insertions,
    code: insert(source.text, insertions),
    imports: importedNames(parsed, source),
    defaultExport: defaultExport(program, source),
    broken: undefined,
  };
}

function syntaxFinding({ errors }: ParseResult, source: SourceText): Finding | undefined {
  const error = errors[0];
  if (error === undefined) return undefined;
  const [label] = error.labels;
  const at = { place: source.placeAt(Math.min(label?.start ?? 0, source.text.length)) };
  const problem = error.message.replace(/\.$/, "");
  const text = problem.charAt(0).toLowerCase() + problem.slice(1);
  const width = label === undefined ? 1 : Math.max(1, label.end - label.start);
  return notParsed({ ...at, length: width }, { problem: text, help: error.helpMessage?.replace(/\.$/, "") });
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
