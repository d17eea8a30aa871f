import type { Document } from "bson";
import { isPlainObject } from "../expressions/is-plain-object.ts";
import { neverMissing } from "../expressions/never-missing.ts";
import { renderConstant } from "../expressions/render-node.ts";
import type { Node } from "../expressions/node.ts";
import type { FieldSet } from "./handler.ts";

/** The fields of a handler as a tree: a dotted path goes through objects. */
export type FieldTree = ReadonlyMap<string, Leaf | FieldTree>;

/** One field's new value; `path` is where it stands in the read model. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: Node;
}

export function toFieldTree(fields: readonly FieldSet[]): FieldTree {
  const root = new Map<string, Leaf | FieldTree>();
  for (const { path, value } of fields) {
    let tree = root;
    for (const name of path.slice(0, -1)) {
      const next = tree.get(name);
      const branch =
        next instanceof Map ? (next as Map<string, Leaf | FieldTree>) : new Map<string, Leaf | FieldTree>();
      tree.set(name, branch);
      tree = branch;
    }
    tree.set(path.at(-1) ?? "", { path, value });
  }
  return root;
}

/** The document that fields are set in. */
export interface Base {
  /** The document as an expression, and as the start of a field path. */
  readonly document: unknown;
  readonly path: string;
  /** What is known to stand in the document, where it is known: then a field that is not there needs no removal. */
  readonly known?: Document;
  /** True for a parent on a dotted path: it may be missing or null. */
  readonly mayBeAbsent?: boolean;
}

/**
 * An expression that sets fields in a document, all at once: a missing value removes its field, missing and null parents are created,
 * any other parent that is not an object fails.
 *
 * `$mergeObjects` is faster than `$setField`, but leaves a field alone whose new value is missing; so it takes what always has a
 * value, and `$setField` the rest. `extra` are fields that always have a value.
 */
export function setFields(base: Base, tree: FieldTree, render: (leaf: Leaf) => unknown, extra: Document = {}): unknown {
  const set: [string, unknown][] = [];
  const mayRemove: [string, unknown][] = [];
  for (const [name, entry] of tree) {
    const fresh = base.known !== undefined && base.known[name] === undefined;
    const value = isLeaf(entry) ? render(entry) : setFields(below(base, name), entry, render);
    const sure = fresh || !isLeaf(entry) || neverMissing(entry.value);
    // As the key of an object literal, `__proto__` would be lost to every reader that assigns it.
    (sure && name !== "__proto__" ? set : mayRemove).push([name, value]);
  }
  const sureFields = [...set, ...Object.entries(extra)];
  if (mayRemove.length > mostNested) return withoutThenWith(base, sureFields, mayRemove);
  let document = withFields(base, Object.fromEntries(sureFields));
  for (const [field, value] of mayRemove) document = { $setField: { field, input: document, value } };
  return document;
}

/** `$setField` nests, and a BSON document may not be nested more than some 180 levels deep. */
const mostNested = 12;

/** Leaves out all fields that are set, and adds those that have a value: flat, but slower than a few `$setField`. */
function withoutThenWith(
  base: Base,
  sure: readonly [string, unknown][],
  mayRemove: readonly [string, unknown][],
): unknown {
  const names = renderConstant(mayRemove.map(([name]) => name));
  const kept = {
    $filter: { input: { $objectToArray: base.document }, cond: { $not: [{ $in: ["$$this.k", names] }] } },
  };
  const fields = Object.fromEntries([...sure, ...mayRemove]);
  return { $mergeObjects: [{ $arrayToObject: kept }, fields] };
}

function withFields(base: Base, added: Document): unknown {
  if (base.known !== undefined && Object.keys(base.known).length === 0) return added;
  if (Object.keys(added).length > 0) return { $mergeObjects: [base.document, added] };
  // Alone, `$mergeObjects` turns a missing or null parent into an empty document, and refuses any other that is not an object.
  return base.mayBeAbsent === true ? { $mergeObjects: [base.document] } : base.document;
}

function below(base: Base, name: string): Base {
  const path = base.path === "$" ? `$${name}` : `${base.path}.${name}`;
  const parent = { document: path, path, mayBeAbsent: true };
  if (base.known === undefined) return parent;
  const known: unknown = base.known[name];
  if (known === undefined || known === null) return { ...parent, known: {} };
  return isPlainObject(known) ? { ...parent, known } : parent;
}

function isLeaf(entry: Leaf | FieldTree): entry is Leaf {
  return !(entry instanceof Map);
}
