import { resolve } from "node:path";
import { loadConfig } from "../config/load-config.ts";
import { resolveEnvironment } from "../config/resolve-environment.ts";
import { AspError } from "../diagnostics/asp-error.ts";
import { ownEnv } from "./spec/own-env.ts";
import type { EmulatorOptions, RunningEmulator } from "../emulator/emulator-types.ts";

export interface StartEmulatorOptions extends Omit<EmulatorOptions, "env" | "environment"> {
  /** For `${NAME}` in the config and the seed, and for finding a mongod; default this process's. */
  readonly env?: EmulatorOptions["env"];
  /** Relative to the working directory: an atlas.config.yaml, whose environment `local` says which connections and collections there are; default none. */
  readonly config?: string;
}

/**
 * `asp emulator` as a library: a local workspace with a mongod, a wire endpoint and an Admin API, for your own tests.
 *
 * ```ts
 * await using emulator = await startEmulator();
 * const client = await MongoClient.connect(emulator.wire);
 * ```
 *
 * @throws AspError for a config that is wrong, and for what the world refuses
 */
export async function startEmulator({
  config: file,
  env = ownEnv,
  ...options
}: StartEmulatorOptions = {}): Promise<RunningEmulator> {
  // What only an emulator needs is not loaded by those who test pipelines alone.
  const { startEmulator: start } = await import("../emulator/start-emulator.ts");
  if (file === undefined) return start({ env, ...options });
  const { config, findings } = await loadConfig("", resolve(file));
  const resolved = config === undefined ? { findings: [] } : resolveEnvironment(config, "local", env);
  const wrong = [...findings, ...resolved.findings].find(({ severity }) => severity === "error");
  if (wrong !== undefined)
    throw new AspError(
      wrong.code,
      `${wrong.file}:${wrong.line}: ${wrong.message}`,
      wrong.help === undefined ? {} : { help: wrong.help },
    );
  const environment = "environment" in resolved ? resolved.environment : undefined;
  return start({ env, ...options, ...(environment && { environment }) });
}
