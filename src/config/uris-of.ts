import type { Environment } from "./environment.ts";

/** The `uri` of each connection, as the config has it; undefined where there is none, or no such connection. */
export function urisOf({ connections }: Environment, names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => (Object.hasOwn(connections, name) ? connections[name]?.uri : undefined));
}
