import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { parseDocument, LineCounter } from "yaml";
import type { Finding } from "../../diagnostics/finding.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import type { NumberReading } from "../compare/parse-ejson.ts";
import { fromEjson, parseEjson } from "../compare/parse-ejson.ts";
import { notEjson, yamlBroken } from "./findings.ts";
import type { GivenDocument } from "./given.ts";
import { readLines } from "./read-lines.ts";

/** A document, or why there is none in this place. */
export type ReadDocument = GivenDocument | { readonly finding: Finding };

interface TextFile {
  readonly cwd: string;
  readonly path: string;
  readonly reading: NumberReading;
}

/** The documents of an .ndjson, .json or .yaml file one after the other, with a finding in place of each that is none. */
export async function* readDocuments({ cwd, path, reading }: TextFile): AsyncGenerator<ReadDocument> {
  const file = relative(cwd, resolve(cwd, path));
  if (path.endsWith(".json")) yield* fromJson(await readFile(path, "utf8"), file, reading);
  else if (/\.ya?ml$/.test(path)) yield* fromYaml(await readFile(path, "utf8"), file, reading);
  else yield* fromLines(path, file, reading);
}

async function* fromLines(path: string, file: string, reading: NumberReading): AsyncGenerator<ReadDocument> {
  for await (const { text, line } of readLines(path)) {
    if (text.trim() !== "") yield toDocument(() => parseEjson(text, reading), file, line);
  }
}

function* fromJson(text: string, file: string, reading: NumberReading): Generator<ReadDocument> {
  if (text.trim() === "") return;
  let list: unknown;
  try {
    list = parseEjson(text.replace(/^\uFEFF/, ""), reading);
  } catch (error) {
    yield { finding: notEjson({ place: { file, line: errorLine(text), column: 1 } }, { reason: reasonOf(error) }) };
    return;
  }
  for (const document of Array.isArray(list) ? list : [list]) yield toDocument(() => document, file, 1);
}

function* fromYaml(text: string, file: string, reading: NumberReading): Generator<ReadDocument> {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { intAsBigInt: true, lineCounter: lines, prettyErrors: false });
  for (const error of yaml.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    yield { finding: yamlBroken({ place: { file, line, column: col } }, { reason: error.message }) };
  }
  if (yaml.errors.length > 0) return;
  const list: unknown = yaml.toJS();
  if (list === null) return;
  for (const document of Array.isArray(list) ? list : [list])
    yield toDocument(() => fromEjson(document, reading), file, 1);
}

function toDocument(read: () => unknown, file: string, line: number): ReadDocument {
  try {
    const document = read();
    if (isPlainDocument(document)) return { document, line };
    return { finding: notEjson({ place: { file, line, column: 1 } }, { reason: "a document is wanted here" }) };
  } catch (error) {
    return { finding: notEjson({ place: { file, line, column: 1 } }, { reason: reasonOf(error) }) };
  }
}

/** V8's message repeats the text and counts positions in what was parsed, which is not what stands in the file. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/ in JSON at position \d+.*$/s, "")
    .replace(/, ".*" is not valid JSON$/s, "")
    .replace(/ at position \d+.*$/s, "");
}

/** The line where plain JSON stops being JSON; 1 where it is JSON and only a wrapper is wrong. */
function errorLine(text: string): number {
  try {
    JSON.parse(text);
    return 1;
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const before = position === undefined ? text : text.slice(0, Number(position));
    return before.split("\n").length;
  }
}
