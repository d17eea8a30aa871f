import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Environment } from "../config/environment.ts";
import { loadConfig, noConfig } from "../config/load-config.ts";
import { resolveEnvironment } from "../config/resolve-environment.ts";
import { AspError } from "../diagnostics/asp-error.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { parseFaults } from "../emulator/admin/faults/parse-faults.ts";
import type { Fault } from "../emulator/admin/faults/fault.ts";
import { parseSeed } from "../emulator/seed/parse-seed.ts";
import type { Seed } from "../emulator/seed/seed-schema.ts";
import type { CommandContext } from "./context.ts";

export interface EmulatorFiles {
  /** Absent where there is no config, which an emulator can do without. */
  readonly environment?: Environment;
  readonly seed?: Seed;
  readonly faults?: readonly Fault[];
  readonly findings: readonly Finding[];
  readonly source: (file: string) => string | undefined;
}

/** What `asp emulator` begins with: the config, where there is one, and the files that its options name. */
export async function readEmulatorFiles(
  { seed: seedFile, faults: faultsFile }: { readonly seed?: string | undefined; readonly faults?: string | undefined },
  ctx: CommandContext,
): Promise<EmulatorFiles> {
  const texts = new Map<string, string>();
  const read = async (file: string): Promise<string> => {
    try {
      const text = await readFile(resolve(ctx.cwd, file), "utf8");
      texts.set(file, text);
      return text;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AspError("ASP5311", `cannot read ${file}: ${reason}`, { cause });
    }
  };
  const { env, config: configFile } = ctx.globals;
  const { config, file, text, findings: configFindings } = await loadConfig(ctx.cwd, configFile);
  if (text !== undefined) texts.set(file, text);
  const isLess =
    config === undefined &&
    configFile === undefined &&
    env === undefined &&
    configFindings.every(({ code }) => code === noConfig.code);
  const resolved = config === undefined ? { findings: [] } : resolveEnvironment(config, env ?? "local", ctx.env);
  const seed = seedFile === undefined ? { findings: [] } : parseSeed(await read(seedFile), seedFile);
  const faults = faultsFile === undefined ? { findings: [] } : parseFaults(await read(faultsFile), faultsFile);
  return {
    ...("environment" in resolved && resolved.environment && { environment: resolved.environment }),
    ...("seed" in seed && seed.seed && { seed: seed.seed }),
    ...("faults" in faults && faults.faults && { faults: faults.faults }),
    findings: [...(isLess ? [] : configFindings), ...resolved.findings, ...seed.findings, ...faults.findings],
    source: (name) => texts.get(name),
  };
}
