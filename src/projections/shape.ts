import type { Document } from "bson";
import type { Fold } from "./fold.ts";
import type { GuardShape } from "./guard-shape.ts";
import type { FieldSet, Handler } from "./handler.ts";

/** Stages before the `$merge`, and what its `whenMatched` replaces a document with. */
export interface Shape {
  readonly stages: readonly Document[];
  readonly replacement: unknown;
}

/** The fields that handlers set, all handlers together. */
export function fieldsOfAll({ handlers }: Fold): readonly FieldSet[] {
  return handlers.flatMap(fieldsOf);
}

function fieldsOf(handler: Handler): readonly FieldSet[] {
  return handler.kind === "fields" ? handler.fields : [];
}

/**
 * The whole of `whenMatched`: the document as it is where the event was applied before, else what the handlers make of it.
 *
 * `handled` takes cases that come before those of the event types.
 */
export function guarded(guard: GuardShape, handled: (before: readonly Document[]) => unknown): unknown {
  const applied = guard.applied === undefined ? [] : [{ case: guard.applied, then: "$$ROOT" }];
  if (guard.merged === undefined) return handled(applied);
  const merged = { $mergeObjects: [handled([]), { _asp: { $mergeObjects: ["$$new._asp", guard.merged] } }] };
  return { $cond: [guard.applied, "$$ROOT", merged] };
}
