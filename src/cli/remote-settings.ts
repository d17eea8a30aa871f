import type { Environment } from "../config/environment.ts";
import { addressOf } from "../deploy/targets/open-target.ts";

/** The parts of the config by which a workspace and its record are found: what every command for a workspace uses. */
export function remoteSettings(environment: Environment): readonly unknown[] {
  const { settings: { region, record } = {}, connections } = environment;
  return [addressOf(environment), region, record, record && connections[record.connectionName]?.uri];
}
