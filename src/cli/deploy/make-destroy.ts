import type { Environment } from "../../config/environment.ts";
import { digestParts, digestRemote } from "../../deploy/digest-remote.ts";
import { planDestroy } from "../../deploy/plan/plan-destroy.ts";
import { scopeOf } from "../../deploy/plan/remote-text.ts";
import { toDesiredConnections } from "../../deploy/read-desired.ts";
import { readRemote } from "../../deploy/read-remote.ts";
import { readOwnership } from "../../deploy/record/read-ownership.ts";
import { openTarget } from "../../deploy/targets/open-target.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { CommandContext } from "../context.ts";
import type { Planned } from "../make-plan.ts";

export interface DestroyProject {
  readonly environment: Environment;
  /** Of the project's processors. */
  readonly names: readonly string[];
  readonly only: readonly string[];
}

/** Reads the workspace of the environment and plans what takes the project out of it. */
export async function makeDestroy(
  { environment, names, only }: DestroyProject,
  { env, signal, cwd, progress }: CommandContext,
): Promise<{ readonly planned?: Planned; readonly findings: readonly Finding[] }> {
  const opened = await openTarget(environment, { env, signal, cwd });
  const { target } = opened;
  if (target === undefined) return { findings: opened.findings };
  await using _ = target;
  const { ownership, findings } = await readOwnership(environment, { env, signal });
  if (findings.length > 0) return { findings };
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
  const scope = scopeOf(made);
  const { name, settings } = environment;
  const file = {
    environment: name,
    workspace: settings?.workspace ?? null,
    scope,
    digest: digestRemote(remote, scope),
    parts: digestParts(remote, scope),
    steps: made.steps,
  };
  return {
    planned: { plan: made, environment: name, label: target.label, ownership: ownership.kind, file },
    findings: made.findings,
  };
}
