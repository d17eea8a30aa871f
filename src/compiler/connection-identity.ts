import type { Environment } from "../config/environment.ts";

/** What tells clusters apart: two connections to one address are one cluster. Without addresses, their names do. */
export function connectionIdentity(name: string, { connections }: Environment): string {
  const uri = Object.hasOwn(connections, name) ? connections[name]?.uri : undefined;
  return uri === undefined ? `name:${name}` : `uri:${uri}`;
}
