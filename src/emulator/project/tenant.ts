import { join } from "node:path";
import type { Connection, Environment } from "../../config/environment.ts";
import type { Cluster } from "../../engine/engine.ts";
import { toSegment } from "../../engine/core/capture-path.ts";
import { connectionsOf } from "../../engine/connections-of.ts";
import type { LogEntry, Tenant, TenantRecord } from "../project-types.ts";
import type { ProcessorInfo, StateChange } from "../workspace/workspace-types.ts";
import { createWorkspace } from "../workspace/workspace.ts";
import { openConnectionRegistry, type OwnConnectionRegistry } from "./connection-registry.ts";
import { openLogBook } from "./log-book.ts";
import type { ProjectOptions, WireListener } from "./project.ts";
import { createRealConnections } from "./real-connections.ts";
import { tenantInUse } from "./refusals.ts";
import type { Store } from "./store.ts";

/** A tenant, with what only its project may ask of it. */
export interface OwnTenant extends Tenant {
  readonly connections: OwnConnectionRegistry;
  change(record: TenantRecord): void;
  /** @throws AspError ASP5306 while processors are started */
  demandIdle(): void;
  close(): Promise<void>;
  /** Closes it, and no connection is made any more. */
  closeForGood(): Promise<void>;
}

/** What a workspace keeps beside its connections. Names of databases are shorter than those of workspaces. */
export function databaseOf(tenantId: string): string {
  return `asp_${tenantId}`;
}

export interface TenantParts {
  readonly store: Store;
  /** Where checkpoints, processors and windows are kept, and where stages run. */
  readonly cluster: Cluster;
  readonly options: ProjectOptions;
  /** What the record lacks of the workspace that the config describes. */
  readonly provided?: Readonly<Record<string, Connection>>;
}

export async function openTenant(
  first: TenantRecord,
  { store, cluster, options, provided = {} }: TenantParts,
): Promise<OwnTenant> {
  const { now = Date.now, environment } = options;
  let record = first;
  const db = databaseOf(record.id);
  const book = await openLogBook(cluster.client, db);
  const log: Tenant["log"] = (entry) => book.write({ at: new Date(now()), ...entry });
  const started = (): readonly ProcessorInfo[] =>
    workspace.list().filter(({ state }) => ["STARTING", "STARTED", "STOPPING"].includes(state));

  const real = createRealConnections({
    find: (name) => connections.settings(name),
    clusters: options.clusters,
    environment,
    env: options.env,
    // Connections of two workspaces may have one name.
    captureDir: options.captureDir === "" ? "" : join(options.captureDir, toSegment(record.name)),
    now: options.clock ?? now,
  });
  const connections = await openConnectionRegistry({
    store,
    tenant: record.id,
    region: () => record.dataProcessRegion.region,
    clusterNames: [...options.clusters.keys()],
    usersOf: (name) =>
      [...started(), ...workspace.temporary()]
        .filter((each) => connectionsOf(each).includes(name))
        .map((each) => each.name),
    pendingMs: options.pendingMs ?? 0,
    now,
    onChange: real.forget,
  });
  for (const [name, settings] of Object.entries(provided)) await connections.provide(name, settings);

  const workspace = await createWorkspace({
    name: record.name,
    get environment() {
      return environmentOf(record, connections, environment);
    },
    get defaultTier() {
      return record.tier;
    },
    get maxTier() {
      return record.maxTier;
    },
    cluster: real.cluster,
    connections: real.connections,
    checkpoints: { cluster, db },
    ...(options.checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs: options.checkpointIntervalMs }),
    ...(options.retryPausesMs && { retryPausesMs: options.retryPausesMs }),
    ...(options.now && { now: options.now }),
    ...(options.clock && { clock: options.clock }),
    ...(options.timeOf && { timeOf: options.timeOf }),
    onState: (change) => {
      log(entryOf(change));
      options.onState?.(record.name, change);
    },
  });
  let listener: WireListener | undefined;
  const close = async (): Promise<void> => {
    await listener?.close();
    await workspace.close();
    await real.connections.close();
    await book.flushed();
  };
  const tenant: OwnTenant = {
    get record() {
      return record;
    },
    connections,
    workspace,
    get hostname() {
      return listener?.hostname ?? "";
    },
    log,
    logs: book.read,
    change: (next) => {
      record = next;
    },
    demandIdle: () => {
      const running = started();
      if (running.length > 0)
        throw tenantInUse(
          record.name,
          running.map(({ name }) => name),
        );
    },
    close,
    closeForGood: async () => {
      await close();
      await connections.removeAll();
    },
  };
  listener = await options.listen?.(tenant);
  return tenant;
}

/** What definitions are checked against: the workspace's connections that are READY, its region, and no names of its own. */
function environmentOf(
  { dataProcessRegion: { cloudProvider, region } }: TenantRecord,
  connections: OwnConnectionRegistry,
  { name, collections }: Environment,
): Environment {
  const ready = connections.list().filter(({ state }) => state === "READY");
  return {
    name,
    target: "emulator",
    databases: {},
    connections: Object.fromEntries(ready.map((each) => [each.name, each.settings])),
    collections,
    checkpoints: { db: "asp" },
    settings: { target: "emulator", ...providerSettings(cloudProvider), region },
  };
}

function providerSettings(cloudProvider: string): { readonly provider?: "AWS" | "AZURE" | "GCP" } {
  return cloudProvider === "AWS" || cloudProvider === "AZURE" || cloudProvider === "GCP"
    ? { provider: cloudProvider }
    : {};
}

function entryOf({ name, from, to, error }: StateChange): Omit<LogEntry, "at"> {
  return {
    kind: "operational",
    processor: name,
    message: from === undefined ? to : `${from} -> ${to}`,
    ...(error && { detail: { code: error.code, message: error.message, willRetry: error.retried } }),
  };
}
