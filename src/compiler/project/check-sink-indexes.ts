import type { CollectionSpec } from "../../config/config.ts";
import type { Environment } from "../../config/environment.ts";
import { authoredNamespace, placeNamespace } from "../../config/place-namespace.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { noUniqueIndex } from "../rules/no-unique-index.ts";
import type { ReadMember } from "./member.ts";
import { neededIndex, servesMerge, type NeededIndex } from "./needed-index.ts";

/** Reminds of the unique index that `on` needs, where the config does not list it. */
export function checkSinkIndexes(members: readonly ReadMember[], environment: Environment): readonly Finding[] {
  return members.flatMap((member) => {
    const needed = neededIndex(member.stages.at(-1));
    if (needed === undefined) return [];
    const { fields, db } = needed;
    const specs = environment.collections.filter((spec) => isTarget(spec, needed, environment));
    if (specs.some(({ indexes = [] }) => indexes.some((index) => servesMerge(fields, index)))) return [];
    return [noUniqueIndex(member.atStage("sink"), { fields, ...toAuthored(needed, environment), placedDb: db })];
  });
}

/** The config names things as pipelines do, and a compiled definition as the environment does. */
function isTarget(spec: CollectionSpec, target: NeededIndex, environment: Environment): boolean {
  const { connections, target: kind } = environment;
  const renamed = Object.hasOwn(connections, spec.connectionName) ? connections[spec.connectionName]?.name : undefined;
  const connection = kind === "emulator" ? spec.connectionName : (renamed ?? spec.connectionName);
  const { db, coll } = placeNamespace(spec.db, spec.coll, environment);
  return connection === target.connectionName && db === target.db && coll === target.coll;
}

function toAuthored({ connectionName, db, coll }: NeededIndex, environment: Environment) {
  const byConnection = Object.entries(environment.connections).find(([, { name }]) => name === connectionName);
  const isRemote = environment.target !== "emulator";
  return {
    connectionName: (isRemote ? byConnection?.[0] : undefined) ?? connectionName,
    ...authoredNamespace(db, coll, environment),
    placedColl: coll,
  };
}
