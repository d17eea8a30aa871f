import type { Environment } from "../../config/environment.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import { planDestroy } from "../../deploy/plan/plan-destroy.ts";
import { toDesiredConnections } from "../../deploy/read-desired.ts";
import { readRemote } from "../../deploy/read-remote.ts";
import { scopeOf } from "../../deploy/plan/remote-text.ts";
import { rebuildCommand } from "../../deploy/plan/rebuild-command.ts";
import { versionsOf } from "../../deploy/plan/versions.ts";
import { findHalfSwapped } from "../../deploy/rebuild/find-half-swapped.ts";
import { readOwnership } from "../../deploy/record/read-ownership.ts";
import { openTarget } from "../../deploy/targets/open-target.ts";
import type { CommandContext } from "../context.ts";
import type { Made } from "../make-plan.ts";
import { remoteSettings } from "../remote-settings.ts";
import { toPlanned } from "./to-planned.ts";

export interface DestroyProject {
  readonly environment: Environment;
  /** Of the project's processors. */
  readonly names: readonly string[];
  readonly only: readonly string[];
  /** Of a preview; all names end with it. */
  readonly suffix?: string | undefined;
}

/** Reads the workspace of the environment and plans what takes the project out of it. */
export async function makeDestroy(
  { environment, names, only, suffix }: DestroyProject,
  { env: own, signal, cwd, progress }: CommandContext,
): Promise<Made> {
  const { env, findings: failed } = await loadCommandValues(remoteSettings(environment), { env: own, signal, cwd });
  if (failed.length > 0) return { findings: failed, env };
  const opened = await openTarget(environment, { env, signal, cwd });
  const { target } = opened;
  if (target === undefined) return { findings: opened.findings, env };
  await using _ = target;
  const { ownership, findings } = await readOwnership(environment, { env, signal });
  if (findings.length > 0) return { findings, env };
  progress(`reading ${target.label}`);
  const remote = await readRemote(target);
  // Nothing is made: what their settings lack does not matter.
  const { connections } = toDesiredConnections(environment, env);
  const { managesConnections } = target;
  const made = planDestroy({
    remote,
    ownership,
    environment,
    names: new Set(names),
    only,
    connections,
    managesConnections,
  });
  const gone = scopeOf(made).processors;
  // Between its renames, one that is swapped has no processor of its name, and so no step.
  const meant = only.length === 0 ? names : only;
  const { processors } = remote;
  const swapping = await findHalfSwapped([...gone, ...meant], {
    environment,
    env,
    signal,
    processors,
    suffix,
    tell: progress,
  });
  if (swapping.length > 0) return { findings: [...made.findings, ...swapping], env };
  for (const name of names) {
    const { old, next } = versionsOf(name);
    const kept = made.unmanaged.filter((each) => each === old || each === next);
    // A rebuild's own command takes the collection with it.
    if (kept.length > 0) {
      const command = rebuildCommand(name, { environment: environment.name, suffix });
      const how = kept.includes(old) ? "--drop-old" : "--abort";
      progress(`${kept.join(", ")} is of a rebuild, and stays: \`${command} ${how}\` takes it away`);
    }
  }
  return {
    planned: toPlanned(made, { remote, target, environment, ownership, suffix }),
    findings: made.findings,
    env,
  };
}
