import type { Environment } from "../../config/environment.ts";
import { interpolate, type Variables } from "../../config/interpolate.ts";
import { resolveConnection } from "../../config/resolve-connection.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { settingMissing } from "../plan/setting-missing.ts";

/** Where an environment records whose the processors of its workspace are. */
export interface RecordPlace {
  /** A secret. */
  readonly uri: string;
  readonly db: string;
  readonly coll: string;
  /** Name of this project. */
  readonly owner: string;
  readonly workspace: string;
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
  const named = interpolate(workspace, env);
  if (named.finding !== undefined) return { findings: [named.finding] };
  const address = resolveConnection(environment, connectionName, env);
  if (address.kind === "unknown") return { findings: [address.finding] };
  if (address.kind === "embedded")
    return lacking(`connections.${connectionName}.uri`, "the record is to be read there");
  return { place: { uri: address.uri, db, coll, owner, workspace: named.value }, findings: [] };
}
