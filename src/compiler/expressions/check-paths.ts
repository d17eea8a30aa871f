import { toNumber } from "../kinds.ts";
import { mixedProjection } from "../rules/mixed-projection.ts";
import { pathCollision } from "../rules/path-collision.ts";
import { hasDollar, report, step, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Checks the paths of `$project`, `$set` and their like against each other: one cannot be inside another. The walk is at the document. */
export function checkCollisions(walk: Walk, fields: Fields, stage: string): void {
  // The keys of one document differ, so that it takes a dotted one to meet another.
  if (!hasDots(fields)) return;
  const paths = new Paths();
  eachLeaf(walk, fields, "", (path) => {
    const other = paths.add(path);
    if (other !== undefined) report(walk, pathCollision, { stage, path, other });
  });
}

/** The same for the list of `$unset`. */
export function checkListedPaths(walk: Walk, list: readonly unknown[], stage: string): void {
  const paths = new Paths();
  for (const [index, path] of list.entries()) {
    const other = typeof path === "string" ? paths.add(path) : undefined;
    if (typeof path !== "string" || other === undefined) continue;
    step(walk, index, path, () => report(walk, pathCollision, { stage, path, other }));
  }
}

/** Checks that a `$project` either keeps fields or drops them; `_id` alone may differ. */
export function checkProjection(walk: Walk, fields: Fields): void {
  let kept: string | undefined;
  let dropped: string | undefined;
  eachLeaf(walk, fields, "", (path, value) => {
    if (kept !== undefined && dropped !== undefined) return;
    const isFlag = typeof value === "boolean" || toNumber(value) !== undefined;
    if ((isFlag && path === "_id") || isMetadata(value)) return;
    if (value === false || toNumber(value) === 0) dropped ??= path;
    else kept ??= path;
    if (kept !== undefined && dropped !== undefined) report(walk, mixedProjection, { kept, dropped });
  });
}

/** Metadata may be added to fields of either kind. */
function isMetadata(value: unknown): boolean {
  const fields = toFields(value);
  return fields !== undefined && Object.hasOwn(fields, "$meta");
}

/** Calls `visit` for what is no document of further fields, with its whole path. */
function eachLeaf(walk: Walk, fields: Fields, prefix: string, visit: (path: string, value: unknown) => void): void {
  for (const name in fields) {
    const path = `${prefix}${name}`;
    step(walk, name, fields[name], (value) => {
      const below = nested(value);
      if (below === undefined) visit(path, value);
      else eachLeaf(walk, below, `${path}.`, visit);
    });
  }
}

function hasDots(fields: Fields): boolean {
  for (const name in fields) {
    if (name.includes(".")) return true;
    const below = nested(fields[name]);
    if (below !== undefined && hasDots(below)) return true;
  }
  return false;
}

/** A document of fields, not of an operator. */
function nested(value: unknown): Fields | undefined {
  const fields = toFields(value);
  for (const name in fields) return hasDollar(name) ? undefined : fields;
  return undefined;
}

/** Paths that have nothing to do with each other. */
class Paths {
  readonly #paths = new Set<string>();
  /** What is around a path, to the path. */
  readonly #around = new Map<string, string>();

  /** Adds a path, or gives the one that it is inside of, around or the same as. */
  add(path: string): string | undefined {
    if (this.#paths.has(path)) return path;
    const inside = this.#around.get(path);
    if (inside !== undefined) return inside;
    const around: string[] = [];
    for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
      const outer = path.slice(0, dot);
      if (this.#paths.has(outer)) return outer;
      around.push(outer);
    }
    for (const outer of around) this.#around.set(outer, path);
    this.#paths.add(path);
    return undefined;
  }
}
