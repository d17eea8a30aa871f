import type { Connections } from "../connections.ts";
import { createSchemaRegistry, type SchemaRegistry } from "./schema-registry.ts";

/** The registry of a stage that reads or writes Kafka. */
export function openRegistry(
  name: string,
  { connectionName }: { readonly connectionName: string },
  { settings }: Connections,
): SchemaRegistry {
  return createSchemaRegistry(name, settings(name), settings(connectionName));
}
