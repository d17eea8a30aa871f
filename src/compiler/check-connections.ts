import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { sampleConnection } from "../stages/sample-data.ts";
import { atOf } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { connectionOfWrongType } from "./rules/connection-of-wrong-type.ts";
import { unknownConnection } from "./rules/unknown-connection.ts";

/** Checks that a connection exists in the environment and is of a type that fits; `user` is who needs it. */
export function checkConnection(
  { schema, cursor }: DescribedValue,
  user: string,
  environment: Environment,
): readonly Finding[] {
  const name = cursor.value;
  if (schema.asp !== "connection" || typeof name !== "string" || name === "") return [];
  const { types = [] } = schema;
  const type = connectionType(name, environment);
  if (type === undefined) {
    const known = Object.keys(environment.connections);
    return [unknownConnection(atOf(cursor), { name, environment: environment.name, known })];
  }
  return types.includes(type)
    ? []
    : [connectionOfWrongType(atOf(cursor), { name, type, needed: types[0] ?? "", user })];
}

/** What a connection is in an environment; undefined for one that it does not have. */
export function connectionType(name: string, { connections }: Environment): string | undefined {
  if (Object.hasOwn(connections, name)) return connections[name]?.type;
  return name === sampleConnection ? "Sample" : undefined;
}
