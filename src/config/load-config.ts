import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AspError } from "../diagnostics/asp-error.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import { loadFunctionModules } from "./load-function-modules.ts";
import { parseConfig } from "./parse-config.ts";
import type { ParsedConfig } from "./parse-config.ts";

/** Documented in docs/errors/ASP4005.md. */
export const noConfig = defineFinding<{ file: string; isDefault: boolean }>("ASP4005", {
  severity: "error",
  message: ({ file }) => `there is no ${file}`,
  help: ({ isDefault }) =>
    isDefault
      ? "run `asp init` for a new project, or name the file with `--config FILE`"
      : "correct the name after `--config`",
});

export const defaultConfigFile = "atlas.config.yaml";

export interface LoadedConfig extends ParsedConfig {
  /** As findings name it: relative to the working directory where it was given so. */
  readonly file: string;
  /** Its text, for showing the line of a finding. */
  readonly text?: string;
}

/**
 * Reads `atlas.config.yaml` in `cwd`, or the file given; folders above are not searched, so that a command never acts on
 * another project's environments.
 */
export async function loadConfig(cwd: string, file: string = defaultConfigFile): Promise<LoadedConfig> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), "utf8");
  } catch (cause) {
    if (!isMissing(cause)) throw new AspError("ASP4015", `cannot read ${file}: ${reason(cause)}`, { cause });
    return { file, findings: [noConfig({}, { file, isDefault: file === defaultConfigFile })] };
  }
  const parsed = parseConfig(text, file);
  if (parsed.config === undefined) return { file, text, ...parsed };
  const { config, findings } = await loadFunctionModules(parsed.config, dirname(resolve(cwd, file)));
  return { file, text, config, findings: [...parsed.findings, ...findings] };
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/, \w+(?: '.*')?$/, "") : String(cause);
}
