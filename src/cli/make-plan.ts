import type { Environment } from "../config/environment.ts";
import type { DesiredCollection, Ownership } from "../deploy/plan/desired.ts";
import type { Swap } from "../deploy/plan/check-swap.ts";
import { plan, type Plan } from "../deploy/plan/plan.ts";
import type { PlanFile } from "../deploy/plan/plan-file.ts";
import type { Remote } from "../deploy/plan/remote.ts";
import { suffixed } from "../deploy/plan/preview-names.ts";
import { openRemoteClusters, type RemoteClusters } from "../deploy/clusters/open-remote-clusters.ts";
import { readClusters } from "../deploy/clusters/read-clusters.ts";
import { toDesiredCollections } from "../deploy/read-desired-collections.ts";
import { toDesired, toDesiredConnections, toDesiredWorkspace } from "../deploy/read-desired.ts";
import { readRemote } from "../deploy/read-remote.ts";
import { readSwaps } from "../deploy/rebuild/read-swaps.ts";
import { readOwnership } from "../deploy/record/read-ownership.ts";
import { workspaceKey } from "../deploy/record/workspace-key.ts";
import { openTarget } from "../deploy/targets/open-target.ts";
import { isProjection } from "../compiler/project/member.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Variables } from "../config/interpolate.ts";
import { loadCommandValues } from "../config/load-command-values.ts";
import { urisOf } from "../config/uris-of.ts";
import type { ProjectionValue } from "../projections/processor-value.ts";
import type { CommandContext } from "./context.ts";
import { toPlanned } from "./deploy/to-planned.ts";
import type { OpenProject } from "./open-project.ts";
import { managedSettings, remoteSettings } from "./remote-settings.ts";

/** Documented in docs/errors/ASP6030.md. */
export const renameFitsNothing = defineFinding<{ former: string; name: string; reason: string }>("ASP6030", {
  severity: "error",
  message: ({ former, name, reason }) => `--rename ${former}=${name} fits nothing: ${reason}`,
  help: "write `former=name`: what runs in the workspace, and what the project calls it now",
});

/** A plan, and what it was made for. */
export interface Planned {
  readonly plan: Plan;
  readonly environment: string;
  /** Of the target, for people. */
  readonly label: string;
  readonly ownership: Ownership["kind"];
  /** The project's own in the record, and not in the workspace, as a deployment leaves them that is cut off; not known of a kept plan. */
  readonly isOwnMissing?: boolean;
  readonly file: PlanFile;
}

export interface MakePlanOptions {
  readonly prune: boolean;
  readonly noStart: boolean;
  /** Name → former name; of a preview without its suffix, as they are typed. */
  readonly renames: ReadonlyMap<string, string>;
}

export interface Made {
  readonly planned?: Planned;
  readonly findings: readonly Finding[];
  /** The variables with what the commands of the config, `${exec:…}`, have printed: whoever goes on with these runs none again. */
  readonly env: Variables;
}

/**
 * Reads the workspace of the environment and plans. What is wrong with the settings is among the findings, and then there is no plan.
 *
 * @throws AspError ASP6000 to ASP6009 for what the workspace refuses
 */
export async function makePlan(
  project: OpenProject & { readonly environment: Environment },
  { prune, noStart, renames: typed }: MakePlanOptions,
  { env: own, signal, cwd, progress }: CommandContext,
): Promise<Made> {
  const { environment, definitions, suffix } = project;
  const inWorkspace = suffixed(suffix);
  const renames = new Map([...typed].map(([name, former]) => [inWorkspace(name), inWorkspace(former)] as const));
  const wanted = toDesiredCollections(environment, definitions, { only: definitions.length < project.names.length });
  const used = settingsInUse(environment, wanted);
  const { env, findings: failed } = await loadCommandValues(used, { env: own, signal, cwd });
  if (failed.length > 0) return { findings: failed, env };
  const home = toDesiredWorkspace(environment, env);
  const linked = toDesiredConnections(environment, env);
  const unset = [...home.findings, ...linked.findings];
  const opened = await openTarget(environment, { env, signal, cwd });
  const { target } = opened;
  if (target === undefined || unset.length > 0) {
    await target?.close();
    return { findings: [...unset, ...opened.findings], env };
  }
  try {
    const { ownership, findings } = await readOwnership(environment, { env, signal });
    if (findings.length > 0) return { findings, env };
    progress(`reading ${target.label}`);
    const remote = await readRemote(target, { mayBeMissing: home.workspace !== undefined });
    await using clusters = openRemoteClusters(environment, { env, signal });
    const collections = { desired: wanted, clusters: await readClusters(wanted, clusters) };
    const projections = project.values.filter(isProjection);
    const swaps = await findSwaps(project, projections, { remote, clusters, env, progress });
    const made = plan({
      desired: definitions.map((definition) => toDesired(definition, environment)),
      ...(home.workspace && { workspace: home.workspace }),
      connections: linked.connections,
      collections,
      remote,
      ownership,
      environment,
      suffix,
      names: new Set(project.names),
      projections: new Set(projections.map(({ name }) => inWorkspace(name))),
      swaps,
      prune,
      starts: !noStart,
      renames,
      ...(target.managesConnections ? {} : { unmanageable: target.label }),
    });
    return {
      planned: toPlanned(made, { remote, target, environment, ownership, suffix }),
      findings: [...made.findings, ...checkRenames(renames, made, remote)],
      env,
    };
  } finally {
    await target.close();
  }
}

/** Of the projections that are planned. */
async function findSwaps(
  { environment, suffix, definitions }: OpenProject & { readonly environment: Environment },
  projections: readonly ProjectionValue[],
  {
    remote,
    clusters,
    env,
    progress,
  }: {
    readonly remote: Remote;
    readonly clusters: RemoteClusters;
    readonly env: Variables;
    readonly progress: CommandContext["progress"];
  },
): Promise<ReadonlyMap<string, Swap>> {
  const workspace = workspaceKey(environment, env).value;
  if (workspace === undefined) return new Map();
  const planned = new Set(definitions.map(({ name }) => name));
  const present = new Set(remote.processors.map(({ name }) => name));
  return readSwaps(
    projections
      .map(({ name, into }) => ({ name: suffixed(suffix)(name), connectionName: into.connectionName }))
      .filter(({ name }) => planned.has(name)),
    { environment, workspace, present, clusters, tell: progress },
  );
}

/** The parts of the config that a plan reads and that may be secret. */
function settingsInUse(environment: Environment, wanted: readonly DesiredCollection[]): readonly unknown[] {
  const addresses = urisOf(
    environment,
    wanted.map(({ cluster }) => cluster),
  );
  return [remoteSettings(environment), addresses, managedSettings(environment)];
}

/** What the user says of renames is used, or the user has mistyped it. */
function checkRenames(
  renames: ReadonlyMap<string, string>,
  { steps }: Plan,
  { processors }: Remote,
): readonly Finding[] {
  return [...renames].flatMap(([name, former]) => {
    if (steps.some((step) => step.kind === "rename" && step.name === name && step.formerName === former)) return [];
    const isThere = (wanted: string): boolean => processors.some((each) => each.name === wanted);
    // Done by a deployment before, with the same command line.
    if (isThere(name) && !isThere(former) && steps.some((step) => "name" in step && step.name === name)) return [];
    const reason = !isThere(former)
      ? `the workspace has no processor \`${former}\``
      : isThere(name)
        ? `the workspace has \`${name}\` already`
        : `the project has no processor \`${name}\`, or still has \`${former}\``;
    return [renameFitsNothing({}, { former, name, reason })];
  });
}
