import type { Document } from "bson";
import { fieldPath, isPlainName } from "../expressions/field-path.ts";
import type { Reference } from "../expressions/node.ts";

/** The parts of an event that travel inside `_asp`, since a `$merge` pipeline sees nothing else of it. */
export interface EventParts {
  /** Fields of `_asp`, such as `{data: {price: "$data.price"}}`. */
  readonly fields: Document;
  /** A reference as an expression inside `whenMatched`. */
  readonly path: (path: readonly string[]) => unknown;
}

/**
 * Chooses what has to travel: each path that is read, once, without what lies below another.
 *
 * `stamped` says which parts are in `_asp` anyway, and under which name: `{version: "v", time: "time"}`.
 */
export function eventParts(
  read: readonly Reference[],
  stamped: Readonly<Record<string, string>>,
  stored: (path: readonly string[]) => unknown,
): EventParts {
  const data = new Map<string, unknown>();
  const fields = new Map<string, unknown>();
  const carried: (readonly string[])[] = [];
  const shortestFirst = read.toSorted((a, b) => a.path.length - b.path.length);
  for (const { path } of shortestFirst) {
    const [part = "", ...rest] = path;
    if (part in stamped) continue;
    if (part !== "data") fields.set(part, stored([part]));
    else if (!carried.some((known) => startsWith(path, known))) {
      carried.push(path);
      if (rest.length === 0) fields.set("data", stored(path));
      else insert(data, rest.map(spell), stored(path));
    }
  }
  if (data.size > 0) fields.set("data", toDocument(data));
  return {
    fields: Object.fromEntries(fields),
    path: (path) => {
      const [part = "", ...rest] = path;
      if (part !== "data") return fieldPath(`$$new._asp.${stamped[part] ?? part}`, rest);
      const known = carried.find((candidate) => startsWith(path, candidate)) ?? path;
      return fieldPath(["$$new._asp", "data", ...known.slice(1).map(spell)].join("."), path.slice(known.length));
    },
  };
}

type Tree = Map<string, unknown>;

function insert(tree: Tree, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    tree.set(name, value);
    return;
  }
  const next = tree.get(name);
  const branch = next instanceof Map ? (next as Tree) : new Map<string, unknown>();
  tree.set(name, branch);
  insert(branch, rest, value);
}

function toDocument(tree: Tree): Document {
  return Object.fromEntries(
    Array.from(tree, ([name, value]) => [name, value instanceof Map ? toDocument(value as Tree) : value]),
  );
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((name, index) => path[index] === name);
}

/** A name as it can stand in a field path and in an object literal: what cannot is escaped as in a URL. */
function spell(name: string): string {
  if (isPlainName(name) && !name.includes("%") && name !== "__proto__") return name;
  if (name === "") return "%";
  return name.replace(
    /[%.$\0]|^_/g,
    (character) => `%${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`,
  );
}
