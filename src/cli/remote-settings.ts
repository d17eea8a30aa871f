import type { Environment } from "../config/environment.ts";
import { recordSettings } from "../deploy/record/resolve-record.ts";
import { addressOf } from "../deploy/targets/open-target.ts";

/** The parts of connections that are managed: what making one fills in. */
export function managedSettings({ settings: { manage = false } = {}, connections }: Environment): readonly unknown[] {
  return Object.values(connections)
    .filter((connection) => connection.manage ?? manage)
    .map(({ uri: _, ...rest }) => rest);
}

/** The parts of the config by which a workspace and its record are found: what every command for a workspace uses. */
export function remoteSettings(environment: Environment): readonly unknown[] {
  const { region, projectId } = environment.settings ?? {};
  return [addressOf(environment), region, projectId, recordSettings(environment)];
}
