import type { ConnectionConfig } from "../config/connection-schema.ts";
import { fillInConnection } from "../config/connections/fill-in-connection.ts";
import type { Environment } from "../config/environment.ts";
import { interpolate, type Variables } from "../config/interpolate.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Definition } from "../stages/definition.ts";
import type { Desired, DesiredConnection, DesiredWorkspace } from "./plan/desired.ts";

/** A compiled definition with the tier that it is to have. */
export function toDesired(definition: Definition, { settings }: Environment): Desired {
  return { definition, tier: definition.options?.tier ?? settings?.tier };
}

/** The workspace of an environment that manages its own; undefined where it does not, or names none. */
export function toDesiredWorkspace(
  { settings = {} }: Environment,
  variables: Variables,
): { readonly workspace?: DesiredWorkspace; readonly findings: readonly Finding[] } {
  const { manage = false, workspace, provider, region, tier, maxTier } = settings;
  if (!manage || workspace === undefined) return { findings: [] };
  const [name, place] = [workspace, region ?? ""].map((text) => interpolate(text, variables));
  const findings = [name?.finding, place?.finding].filter((finding) => finding !== undefined);
  return {
    workspace: {
      name: name?.value ?? workspace,
      ...(provider !== undefined && { provider }),
      ...(region !== undefined && { region: place?.value ?? region }),
      ...(tier !== undefined && { tier }),
      ...(maxTier !== undefined && { maxTier }),
    },
    findings,
  };
}

/** The connections of an environment by their names in the workspace; variables are needed only for those that are managed. */
export function toDesiredConnections(
  { connections, settings, target }: Environment,
  variables: Variables,
): { readonly connections: readonly DesiredConnection[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const desired = Object.entries(connections).map(([key, connection]): DesiredConnection => {
    const { name, manage = settings?.manage ?? false, uri: _, functions: __, url, ...rest } = connection;
    // Of a function it is where asp itself calls it; the service knows no such field.
    const address = url === undefined || connection.type === "AWSLambda" ? {} : { url };
    const own = { ...rest, ...address } as ConnectionConfig & { readonly type: string };
    const filled = manage ? fillInConnection(own, variables) : { value: own, findings: [] };
    findings.push(...filled.findings);
    return {
      // The emulator's connections go by the names in the config.
      name: target === "emulator" ? key : (name ?? key),
      type: connection.type,
      isManaged: manage,
      settings: own,
      filled: filled.value,
    };
  });
  return { connections: desired, findings };
}
