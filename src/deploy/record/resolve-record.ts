import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { resolveConnection } from "../../config/resolve-connection.ts";
import { urisOf } from "../../config/uris-of.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { settingMissing } from "../plan/setting-missing.ts";
import { workspaceKey } from "./workspace-key.ts";

/** Where an environment records whose the processors of its workspace are. */
export interface RecordPlace {
  /** A secret. */
  readonly uri: string;
  readonly db: string;
  readonly coll: string;
  /** Name of this project. */
  readonly owner: string;
  /** {@link workspaceKey} */
  readonly workspace: string;
}

/** The parts of the config that say where the record is, and of what. */
export function recordSettings(environment: Environment): readonly unknown[] {
  const { record, projectId, workspace } = environment.settings ?? {};
  return record === undefined ? [] : [record, projectId, workspace, urisOf(environment, [record.connectionName])];
}

/** No place and no finding: nothing is recorded. */
export function resolveRecord(
  environment: Environment,
  env: Variables,
): { readonly place?: RecordPlace; readonly findings: readonly Finding[] } {
  const { record, workspace } = environment.settings ?? {};
  if (record === undefined) return { findings: [] };
  const { connectionName, db = "asp", coll = "asp_deployed", owner = "asp" } = record;
  const lacking = (setting: string, why: string): { readonly findings: readonly Finding[] } => ({
    findings: [settingMissing({}, { environment: environment.name, setting, why })],
  });
  if (workspace === undefined) return lacking("workspace", "a record is by its name");
  const named = workspaceKey(environment, env);
  if (named.finding !== undefined) return { findings: [named.finding] };
  const address = resolveConnection(environment, connectionName, env);
  if (address.kind === "unknown") return { findings: [address.finding] };
  if (address.kind === "embedded")
    return lacking(`connections.${connectionName}.uri`, "the record is to be read there");
  return { place: { uri: address.uri, db, coll, owner, workspace: named.value }, findings: [] };
}
