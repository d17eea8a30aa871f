import type { Document } from "bson";
import { canFailOver } from "../expressions/can-fail-over.ts";
import { isPlainObject } from "../expressions/is-plain-object.ts";
import type { Fold } from "./fold.ts";
import { solidFields } from "./solid-fields.ts";

/**
 * True where some handler may fail over `initial` and not over every read model: then the document as it is after a first event must
 * not be computed for events that find a document.
 */
export function needsSeed(fold: Fold): boolean {
  const { handlers, initial } = fold;
  const solid = solidFields(fold);
  return handlers.some(
    (handler) =>
      handler.kind === "fields" &&
      handler.fields.some(
        ({ path, value }) => canFailOver(value, initial, solid) || isBlocked(initial, path.slice(0, -1)),
      ),
  );
}

/** True where something that is not an object stands in the way of a dotted path. */
function isBlocked(initial: Document, parents: readonly string[]): boolean {
  let value: unknown = initial;
  for (const name of parents) {
    value = isPlainObject(value) ? (value[name] as unknown) : value;
    if (value === undefined || value === null) return false;
    if (!isPlainObject(value)) return true;
  }
  return false;
}
