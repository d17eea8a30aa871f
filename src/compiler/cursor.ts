import type { At, PipelinePath, Place } from "../diagnostics/finding.ts";

/** A value inside a processor, with both of its addresses. */
export interface Cursor {
  readonly value: unknown;
  /** From the processor value itself, stage names included: `["pipeline", 1, "$merge", "into"]`. */
  readonly path: PipelinePath;
  readonly processor: string | undefined;
  /** Of the nearest object around the value whose place is known. */
  readonly place: Place | undefined;
  readonly places: ReadonlyMap<object, Place>;
  /** As findings carry it; made when asked for. */
  readonly at: At;
}

/** The cursor of a whole processor value. */
export function rootCursor(
  value: unknown,
  processor: string | undefined,
  place: Place | undefined,
  places: ReadonlyMap<object, Place>,
): Cursor {
  return makeCursor(value, [], processor, place, places);
}

/** The cursor of a field or element; its value is undefined where there is none. */
export function child(parent: Cursor, key: string | number): Cursor {
  const value = read(parent.value, key);
  const place = typeof value === "object" && value !== null ? parent.places.get(value) : undefined;
  return makeCursor(value, [...parent.path, key], parent.processor, place ?? parent.place, parent.places);
}

/** {@link child}, several steps down. */
export function descend(from: Cursor, path: PipelinePath): Cursor {
  return path.reduce<Cursor>(child, from);
}

function makeCursor(
  value: unknown,
  path: PipelinePath,
  processor: string | undefined,
  place: Place | undefined,
  places: ReadonlyMap<object, Place>,
): Cursor {
  return {
    value,
    path,
    processor,
    place,
    places,
    get at() {
      return toAt(path, processor, place);
    },
  };
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
  const isStageName = (step: string | number, index: number) =>
    typeof step === "string" &&
    step.startsWith("$") &&
    typeof path[index - 1] === "number" &&
    stageLists.has(path[index - 2]);
  return path.filter((step, index) => index > 0 && !isStageName(step, index));
}
