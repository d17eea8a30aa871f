import { createHash } from "node:crypto";
import { connectionIdentity } from "../compiler/connection-identity.ts";
import { openClusters } from "../engine/open-clusters.ts";
import type { Environment } from "../config/environment.ts";
import { loadCommandValues } from "../config/load-command-values.ts";
import { urisOf } from "../config/uris-of.ts";
import { placeNamespace } from "../config/place-namespace.ts";
import { resolveConnection } from "../config/resolve-connection.ts";
import { textOf } from "../deploy/plan/normal-form.ts";
import { belongsToAnother, withTier } from "../deploy/plan/plan.ts";
import { toDesired } from "../deploy/read-desired.ts";
import { checkNeighbours, checkProjection, noStreamIndex } from "../deploy/rebuild/check-rebuild.ts";
import { hasStreamIndex } from "../deploy/rebuild/fill.ts";
import { holdWorkspace } from "../deploy/rebuild/hold-workspace.ts";
import type { RebuildListener, RebuildParts } from "../deploy/rebuild/rebuild.ts";
import { openRebuildStore } from "../deploy/rebuild/rebuild-store.ts";
import { sinkOf, toStoredStages } from "../deploy/rebuild/stored-stages.ts";
import { suffixed } from "../deploy/plan/preview-names.ts";
import { versionsOf } from "../deploy/plan/versions.ts";
import { readOwnership } from "../deploy/record/read-ownership.ts";
import { workspaceKey } from "../deploy/record/workspace-key.ts";
import { openTarget } from "../deploy/targets/open-target.ts";
import { settingMissing } from "../deploy/plan/setting-missing.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { defaultEnvelope } from "../projections/envelope-path.ts";
import type { CommandContext } from "./context.ts";
import type { OpenProject } from "./open-project.ts";
import { remoteSettings } from "./remote-settings.ts";

/** Everything that a rebuild needs, opened. */
export interface OpenRebuild {
  readonly parts: RebuildParts;
  /** SHA-256 of the pipeline as the project has it. */
  readonly digest: string;
  /** {@link holdWorkspace} around what changes the live version. */
  exclusively<Result>(work: (lost: AbortSignal) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface OpenRebuildOptions {
  /** As the project has it, also of a preview. */
  readonly name: string;
  readonly on: RebuildListener;
  /** True where the new version is to take the live one's place, sooner or later: then its neighbours matter. */
  readonly builds: boolean;
  readonly pollMs?: number;
  /** Default {@link FillParts.eventsPerSlice}. */
  readonly eventsPerSlice?: number;
}

/**
 * Opens the workspace, the clusters of the events and of the read model, and the record of the rebuild. What is wrong is among the
 * findings, and where one is an error nothing is open.
 *
 * @throws AspError for what the workspace or a cluster refuses, ASP6120 where somebody else is at it
 */
export async function openRebuild(
  {
    environment,
    definitions,
    values,
    suffix,
  }: Pick<OpenProject, "definitions" | "values" | "suffix"> & { readonly environment: Environment },
  { name: typed, on, builds, pollMs = 500, eventsPerSlice }: OpenRebuildOptions,
  ctx: Pick<CommandContext, "cwd" | "env" | "progress" | "signal">,
): Promise<{ readonly opened?: OpenRebuild; readonly findings: readonly Finding[] }> {
  const { signal, cwd } = ctx;
  const name = suffixed(suffix)(typed);
  const compiled = definitions.find((each) => each.name === name);
  const { projection, findings: unfit } = checkProjection(
    values.find((value) => value.name === typed),
    name,
  );
  if (projection === undefined || compiled === undefined) return { findings: unfit };
  const into = sinkOf(compiled.pipeline);
  const from = compiled.pipeline[0]?.["$source"] as { connectionName: string; db: string; coll: string } | undefined;
  if (into === undefined || from === undefined) throw new Error(`${name} was compiled without source or sink`);
  // As the config calls them: two of its connections may be one of the workspace's.
  const keys = {
    source: projection.source?.connectionName ?? environment.events?.connectionName ?? from.connectionName,
    sink: projection.into.connectionName,
  };
  const used = urisOf(environment, [...Object.values(keys), environment.checkpoints.connectionName ?? ""]);
  const { env, findings: failed } = await loadCommandValues([...remoteSettings(environment), ...used], ctx);
  if (failed.length > 0) return { findings: failed };
  const workspace = workspaceKey(environment, env);
  if (workspace.finding !== undefined) return { findings: [workspace.finding] };
  const unreachable = checkAddresses(environment, Object.values(keys), env);
  if (unreachable.length > 0) return { findings: unreachable };

  const { ownership, findings: unread } = await readOwnership(environment, { env, signal });
  if (unread.length > 0) return { findings: unread };
  const owner = ownership.kind === "recorded" ? ownership.others.get(name) : undefined;
  if (owner !== undefined) return { findings: [belongsToAnother({ processor: name }, { name, owner })] };

  const { target, findings: unset } = await openTarget(environment, { env, signal, cwd });
  if (target === undefined) return { findings: unset };
  const closers: (() => Promise<void>)[] = [() => target.close()];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).toReversed()) await each();
  };
  try {
    ctx.progress(`reading ${target.label}`);
    const processors = versionsOf(name);
    const remote = await target.processors();
    const neighbours = builds
      ? checkNeighbours(compiled, { processors: remote, versions: processors, environment })
      : [];
    // Its own two ends alone: where dead letters go need not be reached from here.
    const ends = [{ $source: { connectionName: keys.source } }, { $merge: { into: { connectionName: keys.sink } } }];
    const { clusters, findings: closed } = await openClusters(environment, [{ name, pipeline: ends }], { env, signal });
    if (clusters === undefined) {
      await close();
      return { findings: closed };
    }
    closers.push(() => clusters.close());
    const { cluster, db } = clusters.checkpoints;
    const store = await openRebuildStore(
      { client: cluster.client, db },
      { workspace: workspace.value, processor: name },
    );
    closers.push(() => Promise.resolve(store[Symbol.asyncDispose]()));
    const envelope = { ...defaultEnvelope, ...environment.events?.envelope, ...projection.source?.envelope };
    const source = { client: clusters.cluster(keys.source).client, db: from.db, coll: from.coll };
    const sink = { client: clusters.cluster(keys.sink).client, db: into.db, coll: into.coll };
    const desired = toDesired(compiled, environment);
    const parts: RebuildParts = {
      target,
      signal,
      pollMs,
      source,
      sink,
      isOneCluster: await isOneCluster(source.client, sink.client),
      stored: toStoredStages(compiled),
      streamPath: envelope.stream,
      versionPath: envelope.version,
      ...(eventsPerSlice !== undefined && { eventsPerSlice }),
      definition: withTier(desired),
      collections: versionsOf(into.coll),
      processors,
      specs: environment.collections.filter((spec) => {
        const here = placeNamespace(spec.db, spec.coll, environment);
        const [one, other] = [spec.connectionName, projection.into.connectionName].map((each) =>
          connectionIdentity(each, environment),
        );
        return one === other && here.db === into.db && here.coll === into.coll;
      }),
      store,
      on,
    };
    const hasIndex = !builds || (await hasStreamIndex({ ...parts, target: sink }));
    const { stream, version } = envelope;
    const slow = hasIndex
      ? []
      : [noStreamIndex({ processor: name }, { events: `${from.db}.${from.coll}`, stream, version })];
    const findings = [...neighbours, ...slow];
    if (findings.some(({ severity }) => severity === "error")) {
      await close();
      return { findings };
    }
    const digest = createHash("sha256").update(textOf(compiled.pipeline)).digest("hex");
    const { progress: tell } = ctx;
    const exclusively = <Result>(work: (lost: AbortSignal) => Promise<Result>): Promise<Result> =>
      holdWorkspace({ environment, env, cwd, signal, tell, processor: name }, work);
    return { opened: { parts, digest, exclusively, close }, findings };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The rebuild works on the clusters themselves: each has to be at an address. */
function checkAddresses(
  environment: Environment,
  names: readonly string[],
  env: CommandContext["env"],
): readonly Finding[] {
  const { connectionName: keeper } = environment.checkpoints;
  const keys = new Set([...names, ...(keeper === undefined ? [] : [keeper])]);
  return [...keys].flatMap((key): readonly Finding[] => {
    const address = resolveConnection(environment, key, env);
    if (address.kind === "unknown") return [address.finding];
    if (address.kind === "uri") return [];
    const why = "a rebuild runs on the cluster itself";
    return [settingMissing({}, { environment: environment.name, setting: `connections.${key}.uri`, why })];
  });
}

/** True where both are the same replica set, or the same entrance to a sharded cluster. */
async function isOneCluster(
  one: RebuildParts["source"]["client"],
  other: RebuildParts["source"]["client"],
): Promise<boolean> {
  if (one === other) return true;
  const [first, second] = await Promise.all([one, other].map((client) => client.db("admin").command({ hello: 1 })));
  const membersOf = (hello: typeof first): string => JSON.stringify([hello?.["setName"], hello?.["hosts"]]);
  return first?.["setName"] !== undefined && membersOf(first) === membersOf(second);
}
