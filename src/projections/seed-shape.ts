import type { Document } from "bson";
import { fieldPath } from "../expressions/field-path.ts";
import { references } from "../expressions/node.ts";
import { renderConstant, renderNode } from "../expressions/render-node.ts";
import { eventParts } from "./event-parts.ts";
import type { EventParts } from "./event-parts.ts";
import type { Fold } from "./fold.ts";
import { guardShape } from "./guard-shape.ts";
import type { GuardShape } from "./guard-shape.ts";
import type { Handler } from "./handler.ts";
import { incomingPart, readModelKey, unwindKeys } from "./incoming.ts";
import { setFields, toFieldTree } from "./set-fields.ts";
import { fieldsOfAll, guarded } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { countGroups, typeSwitch } from "./type-switch.ts";

/**
 * The shape for handlers that may fail over `initial`: each event is preceded by a seed, a tombstone that is inserted where there is no
 * document and changes nothing where there is one. So the event itself always finds a document, and handlers are evaluated in
 * `whenMatched` alone, over the document or, after a tombstone, over `initial`.
 *
 * An event that fails leaves at most a tombstone, which readers leave out anyway.
 */
export function seedShape(fold: Fold): Shape {
  const stored = incomingPart(fold);
  const guard = seedable(guardShape(fold.guard, stored), fold);
  const read = fieldsOfAll(fold)
    .flatMap(({ value }) => references(value))
    .filter(({ root }) => root === "event");
  const parts = eventParts(read, { ...guard.stamped, time: "time", type: "type" }, stored);
  const cases = fold.handlers.map((handler) => ({ type: handler.name, then: handled(handler, parts) }));
  const carriesType = countGroups(cases) > 1 || read.some(({ path }) => path[0] === "type");
  const asp = {
    ...guard.stamp,
    time: stored(["time"]),
    ...(carriesType ? { type: stored(["type"]) } : {}),
    ...parts.fields,
    ...deletedBy(fold, stored(["type"])),
  };
  const seed = { _id: "$_id", _asp: { ...guard.seed, time: "$_asp.time", deleted: true } };
  const stages = [
    { $replaceWith: { _id: readModelKey(fold), _asp: asp } },
    ...unwindKeys(fold),
    { $replaceWith: { document: [seed, "$$ROOT"] } },
    { $unwind: "$document" },
    { $replaceWith: "$document" },
  ];
  // A condition over the document keeps the optimiser from folding the constants of `initial` into the expressions.
  const initial = { $mergeObjects: [{ _id: "$_id" }, renderConstant(fold.initial)] };
  const view = { $cond: ["$_asp.deleted", initial, "$$ROOT"] };
  const replacement = guarded(guard, (before) => {
    const types = typeSwitch("$$new._asp.type", cases);
    const overView = { $let: { vars: { view }, in: types } };
    return before.length === 0 ? overView : { $switch: { branches: before, default: overView } };
  });
  return { stages, replacement };
}

/** The guard with a test that also holds for seeds: where versions are compared they have none, elsewhere they are marked. */
function seedable(guard: GuardShape, fold: Fold): GuardShape {
  if (Object.keys(guard.seed).length === 0) return guard;
  const isSeed = "$$new._asp.seed";
  return { ...guard, applied: fold.guard === "none" ? isSeed : { $or: [isSeed, guard.applied] } };
}

/** `deleted: true` in the `_asp` of events that remove: the incoming document is the tombstone then. */
function deletedBy({ handlers }: Fold, type: unknown): Document {
  const removing = handlers.filter(({ kind }) => kind === "remove").map(({ name }) => name);
  if (removing.length === 0) return {};
  if (removing.length === handlers.length) return { deleted: true };
  const others = handlers.filter(({ kind }) => kind !== "remove").map(({ name }) => name);
  // With a `"*"` that removes, it is the others that are known.
  const removes = removing.includes("*")
    ? { $not: [{ $in: [type, renderConstant(others)] }] }
    : { $in: [type, renderConstant(removing)] };
  return { deleted: { $cond: [removes, true, "$$REMOVE"] } };
}

function handled(handler: Handler, parts: EventParts): unknown {
  if (handler.kind === "remove") return "$$new";
  const roots = { event: parts.path, view: (path: readonly string[]) => fieldPath("$$view", path) };
  return setFields(
    { document: "$$view", path: "$$view" },
    toFieldTree(handler.fields),
    ({ value }) => renderNode(value, roots),
    { _asp: "$$new._asp" },
  );
}
