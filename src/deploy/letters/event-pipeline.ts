import type { Document } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";
import type { Definition } from "../../stages/definition.ts";
import type { StoredEvent } from "./letter.ts";

/** How a processor is applied to a stored event, by the clusters themselves; or why it cannot be. */
export type Redriving =
  | {
      readonly kind: "possible";
      /** Connection of the source. */
      readonly from: string;
      /** Connection of the sink. */
      readonly to: string;
      readonly into: { readonly db: string; readonly coll: string };
      /** The stages over one stored event, without the `$merge`. */
      readonly pipeline: (event: StoredEvent) => readonly Document[];
      /** The `$merge`, as a cluster takes it. */
      readonly merge: Document;
    }
  | { readonly kind: "refused"; readonly reason: string };

/** Stages that are the same on a cluster. */
const plain: ReadonlySet<string> = new Set(
  "$match $set $addFields $unset $project $unwind $replaceRoot $replaceWith $redact".split(" "),
);

/** Decides by the compiled definition alone, whose names are those of the environment. */
export function planRedriving({ pipeline }: Definition): Redriving {
  const [first = {}, ...rest] = pipeline;
  const stages = rest.slice(0, -1);
  const source = fieldOf(first, "$source");
  const merge = fieldOf(rest.at(-1), "$merge");
  const into = fieldOf(merge, "into");
  const refuse = (reason: string): Redriving => ({ kind: "refused", reason });
  const from = fieldOf(source, "connectionName");
  if (fieldOf(source, "topic") !== undefined) {
    return refuse(
      "its source is a topic: an event is not stored where asp could read it again; send the message once more",
    );
  }
  if (typeof from !== "string" || typeof fieldOf(source, "coll") === "undefined")
    return refuse("its source is no collection");
  const config = fieldOf(source, "config");
  if (fieldOf(config, "fullDocumentOnly") !== true) {
    return refuse(
      "its stages read the change around the event (guard `position`, or no `fullDocumentOnly`), which is not stored",
    );
  }
  const [to, db, coll] = ["connectionName", "db", "coll"].map((name) => fieldOf(into, name));
  if (typeof to !== "string" || !isName(db) || !isName(coll))
    return refuse("its sink is no `$merge` into one collection");
  const strange = stages.map((stage) => Object.keys(stage)[0] ?? "").find((name) => !plain.has(name));
  if (strange !== undefined) return refuse(`a cluster does not run \`${strange}\` as the service does`);
  if (toEjson(stages).includes('"$meta"'))
    return refuse("its stages read metadata of the stream, which are not stored");
  const own = fieldOf(config, "pipeline");
  const { into: _, parallelism: __, ...settings } = merge as Document;
  return {
    kind: "possible",
    from,
    to,
    into: { db, coll },
    pipeline: (event) => [
      { $match: { _id: { $eq: event.id } } },
      ...(Array.isArray(own) && own.length > 0 ? asChange(event, own as readonly Document[]) : []),
      ...stages,
    ],
    merge: { $merge: { into: { db, coll }, ...settings } },
  };
}

/** The source's own pipeline sees changes. */
function asChange({ db, coll, operationType }: StoredEvent, own: readonly Document[]): readonly Document[] {
  const change = { operationType, ns: { db, coll }, documentKey: { _id: "$_id" }, fullDocument: "$$ROOT" };
  return [{ $replaceWith: change }, ...own, { $replaceWith: "$fullDocument" }];
}

function isName(value: unknown): value is string {
  return typeof value === "string" && !value.startsWith("$");
}
