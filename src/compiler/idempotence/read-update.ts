import { isDocument, toNumber } from "../kinds.ts";
import { newDocument, storedDocument, toDocument, withField } from "./document-term.ts";
import { parseTerm } from "./parse-term.ts";
import { missing, stored } from "./term.ts";
import type { DocumentTerm, FieldPath, Term } from "./term.ts";

/** Longer pipelines are not looked at: following them costs more than they are worth, and nobody writes one by hand. */
const maxStages = 50;
const maxFields = 300;
const maxNodes = 10_000;

/**
 * The document that a `whenMatched` pipeline leaves, in terms of the stored one.
 *
 * @returns undefined where a stage is none that an update may have; that is a finding of its own.
 */
export function readUpdate(pipeline: readonly unknown[]): DocumentTerm | undefined {
  if (pipeline.length > maxStages) return undefined;
  const budget = { left: maxNodes };
  let document: DocumentTerm | undefined = storedDocument;
  for (const stage of pipeline) {
    if (!isDocument(stage)) return undefined;
    const [name = "", ...others] = Object.keys(stage);
    if (others.length > 0) return undefined;
    document = readStage(name, stage[name], document, budget);
    if (document === undefined || document.set.length > maxFields || budget.left < 0) return undefined;
  }
  return keepId(document);
}

function readStage(
  name: string,
  args: unknown,
  document: DocumentTerm,
  budget: { left: number },
): DocumentTerm | undefined {
  const parse = (value: unknown): Term => parseTerm(value, { document, variables: new Map(), depth: 0, budget });
  switch (name) {
    case "$set":
    case "$addFields":
      return isDocument(args) ? setAll(document, flatten(args), parse) : undefined;
    case "$unset": {
      const paths = (Array.isArray(args) ? args : [args]) as readonly unknown[];
      return paths.reduce<DocumentTerm>((left, path) => withField(left, String(path).split("."), missing), document);
    }
    case "$project":
      return isDocument(args) ? projectFields(document, flatten(args), parse) : undefined;
    case "$replaceWith":
      return toDocument(parse(args));
    case "$replaceRoot":
      return isDocument(args) ? toDocument(parse(args["newRoot"])) : undefined;
    default:
      return undefined;
  }
}

type Field = readonly [path: FieldPath, value: unknown];

/** `{ a: { b: 1 } }` sets `a.b` here, and leaves what is beside it. */
function flatten(fields: Readonly<Record<string, unknown>>): readonly Field[] {
  return Object.entries(fields).flatMap(([name, value]): readonly Field[] => {
    const path = name.split(".");
    if (
      !isDocument(value) ||
      Object.keys(value).length === 0 ||
      Object.keys(value).some((key) => key.startsWith("$"))
    ) {
      return [[path, value]];
    }
    return flatten(value).map(([rest, inner]) => [[...path, ...rest], inner]);
  });
}

/** All at once: expressions see the document as it was before. */
function setAll(document: DocumentTerm, fields: readonly Field[], parse: (value: unknown) => Term): DocumentTerm {
  return fields.reduce<DocumentTerm>((changed, [path, value]) => withField(changed, path, parse(value)), document);
}

function projectFields(
  document: DocumentTerm,
  fields: readonly Field[],
  parse: (value: unknown) => Term,
): DocumentTerm {
  const isLeftOut = ([, value]: Field): boolean => value === false || toNumber(value) === 0;
  const named = fields.filter(([path]) => path.join() !== "_id");
  if (named.length > 0 && named.every(isLeftOut)) {
    return named.reduce<DocumentTerm>((left, [path]) => withField(left, path, missing), document);
  }
  const kept = named.filter((field) => !isLeftOut(field));
  return kept.reduce<DocumentTerm>((made, [path, value]) => {
    const isFlag = typeof value === "boolean" || toNumber(value) !== undefined;
    return withField(made, path, isFlag ? document.read(path) : parse(value));
  }, newDocument(new Map()));
}

/** An update never changes `_id`, whatever it writes there. */
function keepId(document: DocumentTerm): DocumentTerm {
  return {
    ...document,
    set: document.set.filter(([name]) => name !== "_id"),
    read: (path) => (path[0] === "_id" ? stored(path) : document.read(path)),
  };
}
