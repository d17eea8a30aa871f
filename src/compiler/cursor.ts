import type { At, PipelinePath, Place } from "../diagnostics/finding.ts";

/** A value inside a processor that knows where it stands. Its addresses are worked out only for a finding. */
export interface Cursor {
  readonly value: unknown;
  /** Absent for the processor itself. */
  readonly parent: Cursor | undefined;
  readonly key: string | number;
  readonly root: Root;
}

interface Root {
  readonly processor: string | undefined;
  /** Of the processor itself. */
  readonly place: Place | undefined;
  /** Of an object in it, or of one of its keys, where that is known. */
  readonly placeOf: (value: object, key?: string) => Place | undefined;
}

/** The cursor of a whole processor value. */
export function rootCursor(value: unknown, root: Root): Cursor {
  return { value, parent: undefined, key: "", root };
}

/** The cursor of a field or element; its value is undefined where there is none. */
export function child(parent: Cursor, key: string | number): Cursor {
  return { value: read(parent.value, key), parent, key, root: parent.root };
}

/** {@link child}, several steps down. */
export function descend(from: Cursor, path: PipelinePath): Cursor {
  return path.reduce<Cursor>(child, from);
}

/** From the processor value itself, stage names included: `["pipeline", 1, "$merge", "into"]`. */
export function pathOf(cursor: Cursor): PipelinePath {
  const path: (string | number)[] = [];
  for (let each = cursor; each.parent !== undefined; each = each.parent) path.push(each.key);
  return path.toReversed();
}

/** Both addresses as findings carry them; the author's is that of the nearest key or object around the value that has one. */
export function atOf(cursor: Cursor): At {
  const { root } = cursor;
  return toAt(pathOf(cursor), root.processor, placeOf(cursor) ?? root.place);
}

/** The address of an object, and the place of one of its keys: for a key that should not be there. */
export function atKey(cursor: Cursor, key: string): At {
  const place = placeOf(child(cursor, key));
  return { ...atOf(cursor), ...(place === undefined ? {} : { place }) };
}

function placeOf(cursor: Cursor): Place | undefined {
  const { placeOf } = cursor.root;
  let key: string | undefined;
  for (let each: Cursor | undefined = cursor; each !== undefined; each = each.parent) {
    const { value } = each;
    const place = typeof value === "object" && value !== null ? placeOf(value, key) : undefined;
    if (place !== undefined) return place;
    key = typeof each.key === "string" ? each.key : undefined;
  }
  return undefined;
}

function read(value: unknown, key: string | number): unknown {
  if (value instanceof Map) return value.get(String(key));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string | number, unknown>>)[key];
}

/** Both addresses in the form of a finding. */
export function toAt(path: PipelinePath, processor: string | undefined, place: Place | undefined): At {
  const server = toServerPath(path);
  return {
    ...(processor === undefined ? {} : { processor }),
    ...(server === undefined ? {} : { path: server }),
    ...(place === undefined ? {} : { place }),
  };
}

/** The fields that hold stages. */
const stageLists: ReadonlySet<string | number | undefined> = new Set(["pipeline", "whenMatched", "payload"]);

/** `["pipeline", 1, "$merge", "into"]` as the server counts: `[1, "into"]`. Undefined for what is no part of a stage. */
export function toServerPath(path: PipelinePath): PipelinePath | undefined {
  if (path[0] !== "pipeline" || path.length === 1) return undefined;
  const isStageName = (step: string | number, index: number): boolean =>
    typeof step === "string" &&
    step.startsWith("$") &&
    typeof path[index - 1] === "number" &&
    stageLists.has(path[index - 2]);
  return path.filter((step, index) => index > 0 && !isStageName(step, index));
}
