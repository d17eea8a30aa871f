import type { ConnectionSettings } from "../targets/target.ts";
import type { ApplyContext } from "./apply-context.ts";

/** Filled in before the first step began. */
export function settingsOf(name: string, { connections }: Pick<ApplyContext, "connections">): ConnectionSettings {
  const settings = connections.get(name);
  if (settings === undefined) throw new Error(`no settings of the connection ${name}`);
  return settings;
}
