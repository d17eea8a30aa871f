import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import { loadConfig } from "../../config/load-config.ts";
import { resolveEnvironment } from "../../config/resolve-environment.ts";
import { parsePlanFile } from "../../deploy/plan/plan-file.ts";
import { toPreviewNames } from "../../deploy/plan/preview-names.ts";
import { findHalfSwapped } from "../../deploy/rebuild/find-half-swapped.ts";
import { resolveRecord } from "../../deploy/record/resolve-record.ts";
import { remoteSettings } from "../remote-settings.ts";
import { openTarget } from "../../deploy/targets/open-target.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { CommandContext } from "../context.ts";
import type { Planned } from "../make-plan.ts";
import { UsageError } from "../usage-error.ts";
import { noPlan, planForAnother } from "./refusals.ts";

export interface ReadPlan {
  readonly planned?: Planned;
  readonly environment?: Environment;
  readonly findings: readonly Finding[];
  readonly source: (file: string) => string | undefined;
  /** The variables with what commands of the config have printed. */
  readonly env: Variables;
}

/**
 * A plan that was kept, and the environment that it is for; pipelines are not looked at.
 *
 * @throws UsageError for the name of a processor in place of a file
 */
export async function readPlan(path: string, ctx: CommandContext): Promise<ReadPlan> {
  const { cwd, env: own, globals, forced } = ctx;
  const file = parsePlanFile(await readText(path, cwd));
  const none = (findings: readonly Finding[], source: ReadPlan["source"] = () => undefined): ReadPlan => ({
    findings,
    source,
    env: own,
  });
  if (file === undefined) return none([noPlan({}, { path })]);
  const { environment: name, workspace } = file;
  if (globals.env !== undefined && globals.env !== name) {
    return none([planForAnother({}, { path, what: "environment", plan: name, own: globals.env })]);
  }
  const loaded = await loadConfig(cwd, globals.config);
  const source: ReadPlan["source"] = (wanted) => (wanted === loaded.file ? loaded.text : undefined);
  const { config } = loaded;
  if (config === undefined) return none(loaded.findings, source);
  const resolved = resolveEnvironment(config, name, own);
  const findings = [...loaded.findings, ...resolved.findings];
  if (!("environment" in resolved) || resolved.environment === undefined) return none(findings, source);
  const { environment } = toPreviewNames({ names: [], environment: resolved.environment }, file.suffix);
  const configured = environment.settings?.workspace ?? null;
  if (configured !== workspace) {
    const named = { plan: workspace ?? "(none)", own: configured ?? "(none)" };
    return none([planForAnother({}, { path, what: "workspace", ...named })], source);
  }
  const { env, findings: failed } = await loadCommandValues(remoteSettings(environment), {
    env: own,
    signal: forced,
    cwd,
  });
  if (failed.length > 0) return none([...findings, ...failed], source);
  const { target, findings: unset } = await openTarget(environment, { env, cwd, signal: forced });
  if (target === undefined) return none([...findings, ...unset], source);
  await using _ = target;
  if (target.identity !== file.target) {
    return none([planForAnother({}, { path, what: "workspace", plan: file.target, own: target.identity })], source);
  }
  const { processors: names } = file.scope;
  const isMade = file.steps.some(({ kind }) => kind === "create-workspace");
  const processors = names.length === 0 || isMade ? [] : await target.processors();
  const { suffix } = file;
  const at = { environment, env, signal: forced, processors, suffix };
  const swapping = await findHalfSwapped(names, { ...at, tell: ctx.progress });
  if (swapping.length > 0) return none([...findings, ...swapping], source);
  const { place } = resolveRecord(environment, env);
  const planned: Planned = {
    plan: { steps: file.steps, findings: [], unmanaged: [], prunable: [] },
    environment: name,
    label: target.label,
    ownership: place === undefined ? "unrecorded" : "recorded",
    file,
  };
  return { planned, environment, findings, source, env };
}

/** What looks like the name of a processor and is no file was meant as one. */
async function readText(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isAbsent || !/^[\w-]+$/u.test(path)) throw error;
    throw new UsageError(`there is no plan \`${path}\``, `choose a processor with \`--only ${path}\``);
  }
}
