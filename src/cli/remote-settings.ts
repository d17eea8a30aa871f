import type { Environment } from "../config/environment.ts";
import { urisOf } from "../config/uris-of.ts";
import { addressOf } from "../deploy/targets/open-target.ts";

/** The parts of the config by which a workspace and its record are found: what every command for a workspace uses. */
export function remoteSettings(environment: Environment): readonly unknown[] {
  const { region, record } = environment.settings ?? {};
  return [addressOf(environment), region, record, record && urisOf(environment, [record.connectionName])];
}
