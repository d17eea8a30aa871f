import { isComputed } from "../check-names.ts";
import { child, descend } from "../cursor.ts";
import type { LocatedStage } from "../read-stages.ts";

/** The unique index without which a `$merge` cannot run, and the collection that needs it, in the names of the environment. */
export interface NeededIndex {
  readonly fields: readonly string[];
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
}

/** Undefined for a sink that finds documents by `_id`, whose collection is computed, or that is no `$merge`. */
export function neededIndex(sink: LocatedStage | undefined): NeededIndex | undefined {
  if (sink?.name !== "$merge") return undefined;
  const on = child(sink.args, "on").value;
  const fields = ((Array.isArray(on) ? on : [on]) as readonly unknown[]).filter(
    (field): field is string => typeof field === "string",
  );
  const [connectionName, db, coll] = ["connectionName", "db", "coll"].map(
    (name) => descend(sink.args, ["into", name]).value,
  );
  if (fields.length === 0 || (fields.length === 1 && fields[0] === "_id")) return undefined;
  if (typeof connectionName !== "string" || typeof db !== "string" || typeof coll !== "string") return undefined;
  if (isComputed(db) || isComputed(coll)) return undefined;
  return { fields, connectionName, db, coll };
}

/** True for an index that `$merge` takes for `on`: the order of the fields is of no importance. */
export function servesMerge(
  fields: readonly string[],
  index: {
    readonly key: Readonly<Record<string, unknown>>;
    readonly unique?: unknown;
    readonly partialFilterExpression?: unknown;
  },
): boolean {
  const keys = Object.keys(index.key);
  const isSame = keys.length === fields.length && fields.every((field) => keys.includes(field));
  return index.unique === true && index.partialFilterExpression === undefined && isSame;
}
