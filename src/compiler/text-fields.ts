import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { certainText } from "./expressions/certain-text.ts";
import type { CertainText } from "./expressions/certain-text.ts";
import { hasDollar, toFields } from "./expressions/walk.ts";
import { toNumber } from "./kinds.ts";
import type { LocatedStage } from "./read-stages.ts";

/** A text that a field holds for certain, and where it is written. */
export interface TextField {
  readonly found: CertainText;
  readonly cursor: Cursor;
}

/** Dotted paths of the document that hold a text for certain. */
export type TextFields = ReadonlyMap<string, TextField>;

/** The texts that inline documents bring, each by the first document that has one there: what stands in them is data. */
export function textsOfDocuments({ args }: LocatedStage): TextFields {
  const documents = child(args, "documents");
  const texts = new Map<string, TextField>();
  if (!Array.isArray(documents.value)) return texts;
  for (const index of documents.value.keys()) {
    addTexts(texts, child(documents, index), "", (value) =>
      typeof value === "string" ? { kind: "constant", text: value } : undefined,
    );
  }
  return texts;
}

/** The texts after a stage, where `before` are those before it. What cannot be followed is forgotten. */
export function textsAfter({ name, description, args, described }: LocatedStage, before: TextFields): TextFields {
  switch (name) {
    case "$set":
    case "$addFields":
      return new Map([...without(before, Object.keys(toFields(args.value) ?? {})), ...written(args)]);
    case "$project":
      return projected(args, before);
    case "$replaceWith":
      return written(args);
    case "$replaceRoot":
      return written(child(args, "newRoot"));
    case "$unset":
      return without(before, [args.value].flat().filter(isString));
    default:
  }
  if (description?.role === "window" || before.size === 0) return before;
  if (description === undefined || description.replacesDocument === true) return new Map();
  // Whatever else a stage names by a path, it may write to.
  const named = described().flatMap(({ schema, cursor }) => (pathKinds.has(schema.asp) ? [cursor.value] : []));
  return without(before, named.filter(isString));
}

const isString = (value: unknown): value is string => typeof value === "string";

const pathKinds: ReadonlySet<string> = new Set(["path", "fieldName"]);

function projected(args: Cursor, before: TextFields): TextFields {
  const fields = Object.entries(toFields(args.value) ?? {});
  const out = fields.filter(([, value]) => value === false || toNumber(value) === 0).map(([path]) => path);
  if (out.length === fields.length) return without(before, out);
  const kept = fields.filter(([, value]) => value === true || (toNumber(value) ?? 0) !== 0).map(([path]) => path);
  return new Map([...[...before].filter(([path]) => kept.some((each) => covers(each, path))), ...written(args)]);
}

/** The texts of a document of fields to expressions; an operator in its place may give any document. */
function written(document: Cursor): TextFields {
  const texts = new Map<string, TextField>();
  addTexts(texts, document, "", certainText);
  return texts;
}

function addTexts(
  texts: Map<string, TextField>,
  document: Cursor,
  prefix: string,
  read: (value: unknown) => CertainText | undefined,
): void {
  const fields = toFields(document.value) ?? {};
  for (const key of Object.keys(fields)) {
    if (hasDollar(key)) continue;
    const [path, cursor] = [`${prefix}${key}`, child(document, key)];
    const found = read(cursor.value);
    if (found !== undefined && !texts.has(path)) texts.set(path, { found, cursor });
    else addTexts(texts, cursor, `${path}.`, read);
  }
}

function without(texts: TextFields, paths: readonly string[]): TextFields {
  return new Map([...texts].filter(([text]) => !paths.some((path) => covers(path, text) || covers(text, path))));
}

/** True where a path is another one, or stands above it. */
function covers(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}.`);
}
