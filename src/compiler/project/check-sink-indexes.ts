import type { CollectionSpec } from "../../config/config.ts";
import type { Environment } from "../../config/environment.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { isComputed } from "../check-names.ts";
import { child, descend } from "../cursor.ts";
import { noUniqueIndex } from "../rules/no-unique-index.ts";
import type { ReadMember } from "./member.ts";

/** Reminds of the unique index that `on` needs, where the config does not list it. */
export function checkSinkIndexes(members: readonly ReadMember[], environment: Environment): readonly Finding[] {
  return members.flatMap((member) => {
    const merge = member.stages.at(-1);
    if (merge?.name !== "$merge") return [];
    const on = child(merge.args, "on").value;
    const fields = ((Array.isArray(on) ? on : [on]) as readonly unknown[]).filter(
      (field): field is string => typeof field === "string",
    );
    const [connectionName, db, coll] = ["connectionName", "db", "coll"].map(
      (name) => descend(merge.args, ["into", name]).value,
    );
    if (fields.length === 0 || (fields.length === 1 && fields[0] === "_id")) return [];
    if (typeof connectionName !== "string" || typeof db !== "string" || typeof coll !== "string") return [];
    if (isComputed(db) || isComputed(coll)) return [];
    const target = { connectionName, db, coll };
    const specs = environment.collections.filter((spec) => isTarget(spec, target, environment));
    if (specs.some((spec) => hasIndex(spec, fields))) return [];
    return [noUniqueIndex(member.atStage("sink"), { fields, ...toLogical(target, environment), placedDb: db })];
  });
}

interface Target {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
}

/** The config names things as pipelines do, and a compiled definition as the environment does. */
function isTarget(spec: CollectionSpec, target: Target, environment: Environment): boolean {
  const { databases, connections, target: kind } = environment;
  const db = Object.hasOwn(databases, spec.db) ? databases[spec.db] : spec.db;
  const renamed = Object.hasOwn(connections, spec.connectionName) ? connections[spec.connectionName]?.name : undefined;
  const connection = kind === "emulator" ? spec.connectionName : (renamed ?? spec.connectionName);
  return connection === target.connectionName && db === target.db && spec.coll === target.coll;
}

function toLogical({ connectionName, db, coll }: Target, environment: Environment): Target {
  const byDb = Object.entries(environment.databases).find(([, name]) => name === db);
  const byConnection = Object.entries(environment.connections).find(([, { name }]) => name === connectionName);
  const isRemote = environment.target !== "emulator";
  return {
    connectionName: (isRemote ? byConnection?.[0] : undefined) ?? connectionName,
    db: byDb?.[0] ?? db,
    coll,
  };
}

function hasIndex({ indexes = [] }: CollectionSpec, fields: readonly string[]): boolean {
  return indexes.some(({ key, unique, partialFilterExpression }) => {
    const keys = Object.keys(key);
    const isSame = keys.length === fields.length && fields.every((field) => keys.includes(field));
    return unique === true && partialFilterExpression === undefined && isSame;
  });
}
