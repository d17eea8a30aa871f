import type { Environment } from "../../src/config/environment.ts";
import { labelOf } from "../../src/deploy/plan/step-label.ts";
import { deploy, type DeployOptions } from "../../src/deploy/apply/deploy.ts";
import type { Pace } from "../../src/deploy/apply/pace.ts";
import type { Deployed } from "../../src/deploy/apply/deploy.ts";
import { digestParts, digestRemote } from "../../src/deploy/digest-remote.ts";
import { openRemoteClusters } from "../../src/deploy/clusters/open-remote-clusters.ts";
import { readClusters } from "../../src/deploy/clusters/read-clusters.ts";
import type { Desired, DesiredCollection, DesiredConnection } from "../../src/deploy/plan/desired.ts";
import { planDestroy } from "../../src/deploy/plan/plan-destroy.ts";
import type { Remote } from "../../src/deploy/plan/remote.ts";
import { plan, type Plan, type PlanInput } from "../../src/deploy/plan/plan.ts";
import type { PlanFile } from "../../src/deploy/plan/plan-file.ts";
import { scopeOf } from "../../src/deploy/plan/remote-text.ts";
import { toDesired } from "../../src/deploy/read-desired.ts";
import { readRemote } from "../../src/deploy/read-remote.ts";
import { readOwnership } from "../../src/deploy/record/read-ownership.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import type { Definition } from "../../src/stages/definition.ts";

/** Of a test: nothing is waited for longer than a few seconds. */
export const pace: Pace = {
  watch: { reads: 3, pauseMs: 10, longestMs: 8000 },
  settle: { pauseMs: 10, longestMs: 8000 },
  connection: { pauseMs: 10, longestMs: 3000 },
  sourceMs: 50,
  unknownConnectionPausesMs: [10, 10],
};

export interface Record {
  readonly uri: string;
  readonly db: string;
  readonly owner?: string;
  /** Of the Atlas project that the workspace is in. */
  readonly projectId?: string;
}

/** An environment over the emulator's own connection, with a record or without one. */
export function environmentOf(record?: Record): Environment {
  return {
    name: "staging",
    target: "admin-api",
    databases: {},
    connections: {
      Cluster0: { type: "Cluster", ...(record && { uri: record.uri }) },
    },
    collections: [],
    checkpoints: { db: "asp" },
    settings: {
      workspace: "local",
      ...(record?.projectId !== undefined && { projectId: record.projectId }),
      ...(record && {
        record: {
          connectionName: "Cluster0",
          db: record.db,
          ...(record.owner !== undefined && { owner: record.owner }),
        },
      }),
    },
  };
}

export interface Wanted {
  readonly environment?: Environment;
  readonly plan?: Partial<PlanInput>;
  readonly connections?: readonly DesiredConnection[];
  /** On the clusters of the environment. */
  readonly collections?: readonly DesiredCollection[];
}

const never = new AbortController().signal;

/** A plan of what is to be there, made from what is there now. */
export async function makeFile(
  target: Target,
  definitions: readonly Definition[],
  wanted: Wanted = {},
): Promise<PlanFile> {
  const { environment = environmentOf(), connections = [], collections = [] } = wanted;
  const remote = await readRemote(target, { mayBeMissing: wanted.plan?.workspace !== undefined });
  const { ownership } = await readOwnership(environment, { env: {}, signal: never });
  const desired: readonly Desired[] = definitions.map((definition) => toDesired(definition, environment));
  await using clusters = openRemoteClusters(environment, { env: {}, signal: never });
  const made = plan({
    desired,
    connections,
    collections: { desired: collections, clusters: await readClusters(collections, clusters) },
    remote,
    ownership,
    environment,
    names: new Set(definitions.map(({ name }) => name)),
    prune: false,
    starts: true,
    renames: new Map(),
    ...wanted.plan,
  });
  return toFile(made, { target, remote, environment });
}

/** A plan of taking all of it away. */
export async function makeDestroyFile(
  target: Target,
  definitions: readonly Definition[],
  { environment = environmentOf(), connections = [] }: Wanted = {},
): Promise<PlanFile> {
  const remote = await readRemote(target);
  const { ownership } = await readOwnership(environment, { env: {}, signal: never });
  const names = new Set(definitions.map(({ name }) => name));
  const { managesConnections } = target;
  const input = { remote, ownership, environment, names, only: [], connections, managesConnections };
  return toFile(planDestroy(input), { target, remote, environment });
}

function toFile(
  made: Plan,
  {
    target,
    remote,
    environment,
  }: { readonly target: Target; readonly remote: Remote; readonly environment: Environment },
): PlanFile {
  const errors = made.findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const scope = scopeOf(made);
  return {
    environment: environment.name,
    workspace: environment.settings?.workspace ?? null,
    target: target.identity,
    scope,
    digest: digestRemote(remote, scope),
    parts: digestParts(remote, scope),
    steps: made.steps,
  };
}

export type ApplyChanges = Partial<DeployOptions>;

/** Does a plan. */
export async function applyFile(target: Target, file: PlanFile, changes: ApplyChanges = {}): Promise<Deployed> {
  const { deployed, findings } = await deploy({
    command: "deploy",
    file,
    environment: environmentOf(),
    env: {},
    target,
    author: { user: "tester", host: "here", commit: "c0ffee" },
    version: "0.0.0-test",
    stopping: never,
    forced: never,
    tell: () => undefined,
    pace,
    lockPace: { beatMs: 50, forgottenAfterMs: 400 },
    ...changes,
  });
  if (deployed === undefined) throw new Error(JSON.stringify(findings));
  return deployed;
}

/** What `asp deploy` does: plans and applies. */
export async function deployAll(
  target: Target,
  definitions: readonly Definition[],
  wanted: Wanted = {},
  changes: ApplyChanges = {},
): Promise<Deployed> {
  const file = await makeFile(target, definitions, wanted);
  return applyFile(target, file, { ...(wanted.environment && { environment: wanted.environment }), ...changes });
}

/** `[kind, name, outcome]` of each step. */
export function outcomesOf({ results }: Deployed): readonly (readonly string[])[] {
  return results.map(({ step, outcome }) => [step.kind, labelOf(step), outcome]);
}

/** `[name, state]` of each processor of the workspace, by name. */
export async function statesIn(target: Target): Promise<readonly (readonly string[])[]> {
  const all = (await target.processors()).map(({ name, state }) => [name, state] as const);
  return all.toSorted(([one], [other]) => (one < other ? -1 : 1));
}
