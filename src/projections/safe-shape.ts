import type { Document } from "bson";
import { fieldPath } from "../expressions/field-path.ts";
import { readsView, references } from "../expressions/node.ts";
import { renderConstant, renderNode } from "../expressions/render-node.ts";
import { envelopePath } from "./envelope-path.ts";
import { eventParts } from "./event-parts.ts";
import type { EventParts } from "./event-parts.ts";
import type { Fold } from "./fold.ts";
import { guardShape } from "./guard-shape.ts";
import type { Handler } from "./handler.ts";
import { incomingEvent, incomingPart, readModelKey, unwindKeys } from "./incoming.ts";
import { setFields, toFieldTree } from "./set-fields.ts";
import { fieldsOfAll, guarded } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { countGroups, typeSwitch } from "./type-switch.ts";

/**
 * The shape for handlers that cannot fail over `initial`: the document as it is after a first event is computed before the `$merge`, and
 * inserted where there is none.
 *
 * Whatever does not read the read model is the same in both places, so `whenMatched` takes it from that document. It gets small,
 * handlers that differ only in constants share a branch, and few parts of the event have to travel.
 */
export function safeShape(fold: Fold): Shape {
  const stored = incomingPart(fold);
  const guard = guardShape(fold.guard, stored);
  const overView = fieldsOfAll(fold).filter(({ value }) => readsView(value));
  const read = overView.flatMap(({ value }) => references(value)).filter(({ root }) => root === "event");
  const parts = eventParts(read, { ...guard.stamped, time: "time", type: "type" }, stored);
  const onMatch = fold.handlers.map((handler) => ({ type: handler.name, then: matched(handler, parts) }));
  const carriesType = countGroups(onMatch) > 1 || read.some(({ path }) => path[0] === "type");
  const asp = {
    ...guard.stamp,
    time: stored(["time"]),
    ...(carriesType ? { type: stored(["type"]) } : {}),
    ...parts.fields,
  };
  const hasInitial = Object.keys(fold.initial).length > 0;
  const type = carriesType ? "$_asp.type" : (fieldPath("$event", envelopePath(fold.envelope, ["type"])) as string);
  const stages = [
    {
      $replaceWith: {
        _id: readModelKey(fold),
        _asp: asp,
        event: incomingEvent(fold).document,
        ...(hasInitial ? { view: renderConstant(fold.initial) } : {}),
      },
    },
    ...unwindKeys(fold),
    {
      $replaceWith: typeSwitch(
        type,
        fold.handlers.map((handler) => ({ type: handler.name, then: inserted(handler, fold, asp) })),
      ),
    },
  ];
  const tombstone = { case: "$_asp.deleted", then: "$$new" };
  const replacement = guarded(guard, (before) => typeSwitch("$$new._asp.type", onMatch, [...before, tombstone]));
  return { stages, replacement };
}

/** A handler over `initial`, which stands in `view` and not in the expression: constants there would be folded, and might fail then. */
function inserted(handler: Handler, fold: Fold, asp: Document): unknown {
  if (handler.kind === "remove") {
    const kept = Object.keys(asp).filter((name) => name in keptByTombstone);
    return { _id: "$_id", _asp: { ...Object.fromEntries(kept.map((name) => [name, `$_asp.${name}`])), deleted: true } };
  }
  const roots = {
    event: (path: readonly string[]) => fieldPath("$event", envelopePath(fold.envelope, path)),
    view: (path: readonly string[]) => (path[0] === "_id" ? fieldPath("$", path) : fieldPath("$view", path)),
  };
  const base = { document: "$view", path: "$view", known: fold.initial };
  const extra = { _id: "$_id", _asp: "$_asp" };
  return setFields(base, toFieldTree(handler.fields), ({ value }) => renderNode(value, roots), extra);
}

const keptByTombstone: Readonly<Record<string, true>> = { v: true, p: true, s: true, time: true, type: true };

function matched(handler: Handler, parts: EventParts): unknown {
  if (handler.kind === "remove") return "$$new";
  const roots = { event: parts.path, view: (path: readonly string[]) => fieldPath("$", path) };
  return setFields(
    { document: "$$ROOT", path: "$" },
    toFieldTree(handler.fields),
    ({ path, value }) => (readsView(value) ? renderNode(value, roots) : fieldPath("$$new", path)),
    { _asp: "$$new._asp" },
  );
}
