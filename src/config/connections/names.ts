import type { Finding } from "../../diagnostics/finding.ts";
import type { Environment } from "../environment.ts";
import { checkRegistryName, clusterConnection, strangeName } from "../registry-name.ts";
import { knownText } from "./connection-entry.ts";
import type { ConnectionEntry } from "./connection-entry.ts";

/** What a connection is called in the workspace, where there is one. */
export function checkConnectionName(
  { name, connection, at }: ConnectionEntry,
  { target }: Environment,
): readonly Finding[] {
  const called = knownText(connection.name ?? name);
  if (target === "emulator" || called === undefined) return [];
  const strange = checkRegistryName(connection.type === "Cluster" ? clusterConnection : "connection", called);
  if (strange === undefined) return [];
  return [strangeName(connection.name === undefined ? at([], "key") : at(["name"]), strange)];
}

/** What the workspace itself is called. */
export function checkWorkspaceName({ name, settings, placeOf }: Environment): readonly Finding[] {
  const workspace = knownText(settings?.workspace);
  const strange = workspace === undefined ? undefined : checkRegistryName("workspace", workspace);
  if (strange === undefined) return [];
  const place = placeOf?.(["environments", name, "workspace"]);
  return [strangeName(place === undefined ? {} : { place }, strange)];
}
