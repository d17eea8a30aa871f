import type { Connection, Environment } from "../../config/environment.ts";

/**
 * What tells clusters and brokers apart, for names as a compiled definition has them. Two connections to one address, or to one cluster of
 * a project, are one; without either, their names tell.
 */
export function clusterKey(name: string, { connections, target }: Environment): string {
  const isNamed = ([key, connection]: readonly [string, Connection]): boolean =>
    (target === "emulator" ? key : (connection.name ?? key)) === name;
  const found = Object.entries(connections).find(isNamed)?.[1];
  if (found?.uri !== undefined) return `uri ${found.uri}`;
  if (found?.clusterName !== undefined) return `cluster ${found.clusterGroupId ?? ""}/${found.clusterName}`;
  if (found?.bootstrapServers !== undefined) return `brokers ${found.bootstrapServers}`;
  return `name ${name}`;
}
