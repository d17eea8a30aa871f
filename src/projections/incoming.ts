import type { Document } from "bson";
import { fieldPath } from "../expressions/field-path.ts";
import type { Node } from "../expressions/node.ts";
import { renderNode } from "../expressions/render-node.ts";
import { envelopePath } from "./envelope-path.ts";
import type { Fold } from "./fold.ts";
import { requireValue } from "./guard-shape.ts";

/** Where the event stands in what `$source` delivers. The position guard needs the change event around it. */
export function incomingEvent(fold: Fold): { readonly document: string; readonly path: string } {
  return fold.guard === "position"
    ? { document: "$fullDocument", path: "$fullDocument" }
    : { document: "$$ROOT", path: "$" };
}

/** A part of the event as an expression in the first stage after `$source`. */
export function incomingPart(fold: Fold): (path: readonly string[]) => unknown {
  const { path: base } = incomingEvent(fold);
  return (path) => fieldPath(base, envelopePath(fold.envelope, path));
}

/**
 * The read model's `_id`. A missing or null key fails here, where the dead letter still is the event itself; left to `$merge`, a
 * missing `_id` would even be replaced by a generated one.
 *
 * An array means several read models: `$setUnion` leaves out repeated keys, so that no read model gets the event twice.
 */
export function readModelKey(fold: Fold): unknown {
  const expression = renderNode(fold.key, { event: incomingPart(fold), view: () => null });
  const key = requireTyped(fold.key, expression);
  if (!needsUnwind(fold)) return key;
  return { $let: { vars: { key }, in: { $setUnion: [{ $cond: [{ $isArray: ["$$key"] }, "$$key", ["$$key"]] }] } } };
}

/** One document per key, where the key may be an array. */
export function unwindKeys(fold: Fold): readonly Document[] {
  return needsUnwind(fold) ? [{ $unwind: "$_id" }] : [];
}

function requireTyped(node: Node, expression: unknown): unknown {
  // A constant is always there, and the failure would have nothing to depend on. A written list is there, whatever it holds.
  return node.kind === "constant" || node.kind === "list"
    ? expression
    : requireValue(expression, "the key of the read model");
}

function needsUnwind({ keyMayBeArray, key }: Fold): boolean {
  return (
    keyMayBeArray &&
    !(key.kind === "operator" && scalars.has(key.name)) &&
    key.kind !== "object" &&
    key.kind !== "constant"
  );
}

/** Operators that never give an array. */
const scalars: ReadonlySet<string> = new Set([
  "$concat",
  "$toString",
  "$toLower",
  "$toUpper",
  "$dateToString",
  "$dateTrunc",
  "$add",
]);
