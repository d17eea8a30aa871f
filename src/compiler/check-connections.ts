import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { LocatedStage } from "./read-stages.ts";
import { connectionOfWrongType } from "./rules/connection-of-wrong-type.ts";
import { unknownConnection } from "./rules/unknown-connection.ts";

/** Checks that the connection of a stage that runs exists in the environment and is a cluster. */
export function checkConnection(located: LocatedStage, environment: Environment): readonly Finding[] {
  if (located.name === "$source" && located.variant?.runs === true) {
    return checkCluster(child(located.args, "connectionName"), "`$source` on a change stream", environment);
  }
  if (located.name !== "$merge") return [];
  return checkCluster(child(child(located.args, "into"), "connectionName"), "`$merge`", environment);
}

/** Checks a connection name that must mean a cluster; `user` is who needs it. */
export function checkCluster(cursor: Cursor, user: string, environment: Environment): readonly Finding[] {
  const name = cursor.value;
  if (typeof name !== "string" || name === "") return [];
  if (!Object.hasOwn(environment.connections, name)) {
    const known = Object.keys(environment.connections);
    return [unknownConnection(atOf(cursor), { name, environment: environment.name, known })];
  }
  const type = environment.connections[name]?.type ?? "unknown";
  return type === "Cluster" ? [] : [connectionOfWrongType(atOf(cursor), { name, type, needed: "Cluster", user })];
}
