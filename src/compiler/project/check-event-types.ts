import type { Finding, Place } from "../../diagnostics/finding.ts";
import type { ProjectionValue } from "../../projections/processor-value.ts";
import { noHandler } from "../rules/no-handler.ts";
import { noSuchEvent } from "../rules/no-such-event.ts";

/** A member of an event union: the value of its `type`, and where that is written. */
export interface EventType {
  readonly name: string;
  readonly place: Place;
}

/** A projection, and the events that its second type argument names; absent where that is not known. */
export interface TypedProjection {
  readonly value: ProjectionValue;
  readonly types: readonly EventType[] | undefined;
}

const others = "*";

/** Finds events that no projection handles, and handlers for what is no event. */
export function checkEventTypes(
  projections: readonly TypedProjection[],
  at: (value: object, key?: string) => Place | undefined,
): readonly Finding[] {
  return [...unhandled(projections), ...projections.flatMap((projection) => unknown(projection, at))];
}

/** An event that is handled by any projection is handled; one that takes all others leaves none. */
function unhandled(projections: readonly TypedProjection[]): readonly Finding[] {
  const handled = new Set(projections.flatMap(({ value }) => Object.keys(value.on)));
  const taking = projections.filter(({ value }) => Object.hasOwn(value.on, others));
  if (taking.some(({ types }) => types === undefined)) return [];
  const taken = new Set(taking.flatMap(({ types = [] }) => types.map(keyOf)));
  const known = new Map(
    projections.flatMap(({ value, types = [] }) => types.map((type) => [keyOf(type), { type, of: value.name }])),
  );
  return [...known.values()]
    .filter(({ type }) => !handled.has(type.name) && !taken.has(keyOf(type)))
    .map(({ type }) => {
      const over = projections.filter(({ types = [] }) => types.some((each) => keyOf(each) === keyOf(type)));
      return noHandler({ place: type.place }, { type: type.name, projections: over.map(({ value }) => value.name) });
    });
}

function unknown(
  { value, types }: TypedProjection,
  at: (value: object, key?: string) => Place | undefined,
): readonly Finding[] {
  if (types === undefined) return [];
  const known = types.map(({ name }) => name);
  return Object.entries(value.on)
    .filter(([type]) => type !== others && !known.includes(type))
    .map(([type, handler]) => {
      const place = (typeof handler === "function" ? at(handler) : undefined) ?? at(value.on, type) ?? at(value);
      return noSuchEvent({ processor: value.name, ...(place === undefined ? {} : { place }) }, { type, known });
    });
}

function keyOf({ name, place }: EventType): string {
  return `${place.file}:${place.line}:${place.column}:${name}`;
}
