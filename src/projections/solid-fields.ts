import { isPlainObject } from "../expressions/is-plain-object.ts";
import { neverNull } from "../expressions/never-null.ts";
import { references } from "../expressions/node.ts";
import type { Fold } from "./fold.ts";
import type { FieldSet } from "./handler.ts";
import { fieldsOfAll } from "./shape.ts";

/**
 * Tells which fields of the read model are never null or missing: `initial` has them, and no handler sets one to what may be null, given
 * that the others are solid. Such a field cannot hide what fails beside it.
 */
export function solidFields(fold: Fold): (path: readonly string[]) => boolean {
  const sets = fieldsOfAll(fold);
  const read = sets.flatMap(({ value }) => references(value)).filter(({ root }) => root === "view");
  const solid = new Map(read.filter(({ path }) => hasValue(fold.initial, path)).map(({ path }) => [spell(path), path]));
  const isSolid = (path: readonly string[]): boolean => solid.has(spell(path));
  for (let before = -1; before !== solid.size;) {
    before = solid.size;
    for (const [name, path] of solid) if (sets.some((set) => mayEmpty(set, path, isSolid))) solid.delete(name);
  }
  return isSolid;
}

/** A parent that is set anew may lack the field; a part that is set makes its parent an object. */
function mayEmpty(
  { path: set, value }: FieldSet,
  path: readonly string[],
  isSolid: (path: readonly string[]) => boolean,
): boolean {
  if (!set.every((name, index) => path[index] === name)) return false;
  return set.length < path.length || !neverNull(value, isSolid);
}

function hasValue(initial: unknown, path: readonly string[]): boolean {
  let value = initial;
  for (const name of path) value = isPlainObject(value) ? (value[name] as unknown) : undefined;
  return value !== undefined && value !== null;
}

function spell(path: readonly string[]): string {
  return JSON.stringify(path);
}
