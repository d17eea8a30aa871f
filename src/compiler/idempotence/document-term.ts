import { call, choose, project } from "./build-term.ts";
import { plainCall, textOf } from "./call-term.ts";
import { missing, readsOf, sizeOf, stored } from "./term.ts";
import type { DocumentTerm, FieldPath, Term } from "./term.ts";

/** The stored document, which every update begins with. */
export const storedDocument: DocumentTerm = {
  kind: "document",
  text: "$$ROOT",
  reads: [[]],
  size: 1,
  set: [],
  read: (path) => (path.length === 0 ? storedDocument : stored(path)),
};

/** `{ a: …, b: … }` as an expression: a new document, without the fields that have no value. */
export function newDocument(fields: ReadonlyMap<string, Term>): DocumentTerm {
  const values = [...fields.values()];
  const document: DocumentTerm = {
    kind: "document",
    text: textOf(`{${[...fields.keys()].map((name) => JSON.stringify(name)).join()}}`, values),
    reads: readsOf(values),
    size: sizeOf(values),
    set: [...fields].flatMap(([name, value]) => leaves(value).map((rest) => [name, ...rest])),
    read([name, ...rest]) {
      return name === undefined ? document : project(fields.get(name) ?? missing, rest);
    },
  };
  return document;
}

function leaves(value: Term): readonly FieldPath[] {
  return value.kind === "document" && value.set.length > 0 && value.read([restField]) === missing ? value.set : [[]];
}

/** Stands for every field that has no rule of its own. */
export const restField = "\0rest";

/** The document with one field set, as `$set` does it: what is beside a nested field stays. */
export function withField(document: DocumentTerm, path: FieldPath, value: Term): DocumentTerm {
  const parts = [document, value];
  const changed: DocumentTerm = {
    kind: "document",
    text: textOf(`set:${JSON.stringify(path)}`, parts),
    reads: readsOf(parts),
    size: sizeOf(parts),
    set: [...document.set.filter((other) => !isWithin(other, path)), path],
    read(asked) {
      if (asked.length === 0) return changed;
      if (isWithin(asked, path)) return project(value, asked.slice(path.length));
      if (!isWithin(path, asked)) return document.read(asked);
      // A parent of the field: its other parts are as they were.
      return plainCall(`with:${path.slice(asked.length).join(".")}`, [document.read(asked), value]);
    },
  };
  return changed;
}

/** True for the path itself and all below it. */
export function isWithin(path: FieldPath, above: FieldPath): boolean {
  return above.length <= path.length && above.every((name, index) => path[index] === name);
}

/** A value as the document that it is; undefined where nothing is known of its fields. */
export function toDocument(term: Term): DocumentTerm {
  switch (term.kind) {
    case "document":
      return term;
    case "choice": {
      const then = toDocument(term.then);
      const otherwise = toDocument(term.otherwise);
      return derived(term, [...then.set, ...otherwise.set], (path) =>
        choose(term.condition, then.read(path), otherwise.read(path)),
      );
    }
    case "call":
      if (term.name === "$mergeObjects" && term.args.length > 0) return merged(term, term.args.map(toDocument));
      return derived(term, [], (path) => plainCall(`path:${path.join(".")}`, [term]));
    default:
      return derived(term, [], (path) => project(term, path));
  }
}

/** Fields of later documents win where they are there. */
function merged(term: Term, documents: readonly DocumentTerm[]): DocumentTerm {
  const latestFirst = documents.toReversed();
  return derived(
    term,
    documents.flatMap(({ set }) => set),
    ([name = "", ...rest]) =>
      project(
        call(
          "present",
          latestFirst.map((document) => document.read([name])),
        ),
        rest,
      ),
  );
}

function derived(
  { text, reads, size }: Term,
  set: readonly FieldPath[],
  read: (path: FieldPath) => Term,
): DocumentTerm {
  const document: DocumentTerm = {
    kind: "document",
    text,
    reads,
    size,
    set: [...new Map(set.map((path) => [JSON.stringify(path), path])).values()],
    read: (path) => (path.length === 0 ? document : read(path)),
  };
  return document;
}
