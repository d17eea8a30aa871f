import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { gunzipSync } from "node:zlib";
import type { StoredDocument } from "../compare/compare-collections.ts";
import { parseEjson } from "../compare/parse-ejson.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import { readIcebergTable } from "./read-iceberg.ts";
import { readSnappy } from "./read-snappy.ts";

/**
 * What a connection's captured output holds, file by file in the order of their names, and in each in the order of the file: for
 * buckets `{path, doc}`, for streams and topics `{path, …}` with what a line has, for Iceberg tables `{path, row}`.
 *
 * @param dir of the connection
 */
export async function* readCaptured(dir: string): AsyncGenerator<StoredDocument> {
  if (!existsSync(dir)) return;
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ path: relative(dir, parentPath).split(sep).join("/"), name }))
    // The engine's own are hidden.
    .filter(({ path }) => !path.startsWith("."));
  const tables = new Set(files.filter(isHint).map(({ path }) => path.slice(0, -"/metadata".length)));
  for (const { path, name } of inOrder(files, tables)) {
    if (name === undefined) {
      for await (const row of readIcebergTable(join(dir, path))) yield { path, row };
      continue;
    }
    const text = unpack(await readFile(join(dir, path, name)), name);
    for (const json of jsonObjects(text)) {
      const record = parse(json);
      yield name.endsWith(".ndjson") ? { path, ...record } : { path, doc: record };
    }
  }
}

interface CapturedFile {
  /** Of its folder, slashes between. */
  readonly path: string;
  readonly name: string;
}

/** True for the file by which a folder is known to hold an Iceberg table. */
function isHint({ path, name }: CapturedFile): boolean {
  return name === "version-hint.text" && path.endsWith("/metadata");
}

/** Files by their paths, and in the place of those of a table the table itself, without a name. */
function inOrder(
  files: readonly CapturedFile[],
  tables: ReadonlySet<string>,
): readonly { readonly path: string; readonly name: string | undefined }[] {
  const isOfTable = ({ path }: CapturedFile): boolean =>
    ["/data", "/metadata"].some((end) => path.endsWith(end) && tables.has(path.slice(0, -end.length)));
  const all = [
    ...files.filter((file) => !isOfTable(file)),
    ...Array.from(tables, (path) => ({ path, name: undefined })),
  ];
  return all.toSorted((a, b) => compare(a.path, b.path) || compare(a.name ?? "", b.name ?? ""));
}

function unpack(bytes: Uint8Array, name: string): string {
  const own = name.endsWith(".gz") ? gunzipSync(bytes) : name.endsWith(".sz") ? readSnappy(bytes) : bytes;
  return new TextDecoder().decode(own);
}

/** The objects of a text, whatever stands between them: a delimiter is the author's own, and may have braces. */
export function* jsonObjects(text: string): Generator<string> {
  for (let from = text.indexOf("{"); from >= 0;) {
    const end = endOfObject(text, from);
    const json = end === undefined ? undefined : text.slice(from, end);
    const isObject = json !== undefined && isJson(json);
    if (isObject) yield json;
    from = text.indexOf("{", isObject ? from + json.length : from + 1);
  }
}

/** After the brace that closes the one at `from`. */
function endOfObject(text: string, from: number): number | undefined {
  let depth = 0;
  let inText = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (inText) {
      if (character === "\\") at += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Plain JSON may hold names that Extended JSON takes for its own words. */
function parse(json: string): StoredDocument {
  try {
    const value = parseEjson(json, "stored");
    if (isPlainDocument(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return JSON.parse(json) as StoredDocument;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
