import type { At } from "../../diagnostics/finding.ts";
import type { ConfigPath } from "../config.ts";
import type { Connection, Environment } from "../environment.ts";

/** A connection of an environment, and where its settings were written. */
export interface ConnectionEntry {
  readonly name: string;
  readonly connection: Connection;
  /** The place of a setting, `["authentication", "username"]`; no steps: that of the entry. */
  readonly at: (steps: ConfigPath, which?: "key" | "value") => At;
}

/** Every connection of an environment. A setting is where the environment has it, else where all environments share it. */
export function connectionEntries({ name: environment, connections, settings, placeOf }: Environment) {
  const own = settings?.connections ?? {};
  return Object.entries(connections).map(([name, connection]): ConnectionEntry => {
    const entry = Object.hasOwn(own, name) ? own[name] : undefined;
    const at = (steps: ConfigPath, which: "key" | "value" = "value"): At => {
      const [first] = steps;
      const isOwn = entry !== undefined && (first === undefined || Object.hasOwn(entry, first));
      const base = isOwn ? ["environments", environment, "connections", name] : ["connections", name];
      const place = placeOf?.([...base, ...steps], which);
      return place === undefined ? {} : { place };
    };
    return { name, connection, at };
  });
}

/** A text that is known before anything runs; undefined for one that a variable will make. */
export function knownText(value: unknown): string | undefined {
  return typeof value === "string" && !value.includes("${") ? value : undefined;
}
