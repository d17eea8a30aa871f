import { ObjectId } from "bson";
import type { Connection, Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import type { Cluster, EngineOptions } from "../../engine/engine.ts";
import type { Project, Tenant, TenantRecord, TenantRequest } from "../project-types.ts";
import type { StateChange } from "../workspace/workspace-types.ts";
import { noSuchTenant, tenantNameTaken } from "./refusals.ts";
import { openResourceStore } from "./resource-store.ts";
import { createStore } from "./store.ts";
import { databaseOf, openTenant, type OwnTenant } from "./tenant.ts";

/** What clients of one workspace connect to. */
export interface WireListener {
  /** `host:port`. */
  readonly hostname: string;
  close(): Promise<void>;
}

export interface ProjectOptions {
  /** By name. The first one keeps all state and runs the stages, and is what connections without a known cluster are. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** Of the state; default `asp_emulator`. Each workspace has a database of its own beside it, `asp_<id>`. */
  readonly db?: string;
  /** What the connections of the user's config are on this machine; their names count. */
  readonly environment: Environment;
  /** For `${NAME}` in the user's config; never for what came through a door. */
  readonly env: Variables;
  /** Folder that captured output goes to, in one of each workspace. */
  readonly captureDir: string;
  /** 24 hexadecimal digits; default that of the last time, and at first a new one. */
  readonly id?: string;
  /** How long a new connection is PENDING, in milliseconds; default 0: it is READY when it is next looked at. */
  readonly pendingMs?: number;
  readonly checkpointIntervalMs?: number;
  readonly retryPausesMs?: readonly number[];
  readonly now?: () => number;
  readonly clock?: () => number;
  readonly timeOf?: EngineOptions["timeOf"];
  /** Opens the wire endpoint of a workspace. */
  readonly listen?: (tenant: Tenant) => Promise<WireListener>;
  readonly onState?: (workspace: string, change: StateChange) => void;
  /** A workspace that is there from the beginning, with connections of the user's config. Made where it is missing. */
  readonly first?: TenantRequest & { readonly connections: Readonly<Record<string, Connection>> };
  /** By workspace: connections of the user's own files, which are set before processors go on. */
  readonly provided?: Readonly<Record<string, Readonly<Record<string, Connection>>>>;
}

/** Opens a project over what its first cluster keeps: workspaces and processors come back as they were. */
export async function openProject(options: ProjectOptions): Promise<Project> {
  const { clusters, db = "asp_emulator", now = Date.now, first } = options;
  const [cluster] = clusters.values();
  if (cluster === undefined) throw new Error("a project has at least one cluster");
  const store = createStore(cluster.client, db);
  const id = await readId(store, options.id);
  const resources = await openResourceStore(store, now);
  const tenants = new Map<string, OwnTenant>();
  /** Names that are being given away. */
  const making = new Set<string>();

  const demand = (name: string): OwnTenant => {
    const found = tenants.get(name);
    if (found === undefined) throw noSuchTenant(name);
    return found;
  };

  const providedFor = (name: string): Readonly<Record<string, Connection>> => ({
    ...(name === first?.name && first.connections),
    ...options.provided?.[name],
  });
  /** What a workspace that is closed has left. Its record goes last, so that a crash on the way leaves it to be done again. */
  const forget = async (tenantId: string): Promise<void> => {
    await store.removeConnections(tenantId);
    await cluster.client.db(databaseOf(tenantId)).dropDatabase();
    await store.remove("tenants", tenantId);
  };

  const create = async ({
    name,
    dataProcessRegion,
    tier = "SP10",
    maxTier = "SP50",
    failoverRegions = [],
    samples = [],
  }: TenantRequest): Promise<OwnTenant> => {
    if (tenants.has(name) || making.has(name)) throw tenantNameTaken(name);
    making.add(name);
    try {
      const record: TenantRecord = {
        id: new ObjectId().toHexString(),
        name,
        dataProcessRegion,
        tier,
        maxTier,
        failoverRegions,
      };
      await saveTenant(record);
      const sampled = samples.map((sample) => [sample, { type: "Sample" as const }] as const);
      const all = { ...Object.fromEntries(sampled), ...providedFor(name) };
      const made = await openTenant(record, { store, cluster, options, provided: all });
      tenants.set(name, made);
      return made;
    } finally {
      making.delete(name);
    }
  };
  const saveTenant = async ({ id: _id, ...rest }: TenantRecord): Promise<void> =>
    store.save("tenants", { _id, ...rest });

  /** Records of workspaces are written one after the other. */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= Promise.all([...tenants.values()].map((tenant) => tenant.close())).then(() => undefined));

  try {
    for (const { _id, isLeaving, ...rest } of await store.load<KeptTenant>("tenants")) {
      if (isLeaving === true) {
        await forget(_id);
        continue;
      }
      const provided = providedFor(rest.name);
      tenants.set(rest.name, await openTenant({ id: _id, ...rest }, { store, cluster, options, provided }));
    }
    if (first !== undefined && !tenants.has(first.name)) await create(first);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    id,
    clusterNames: [...clusters.keys()],
    resources,
    tenants: () => [...tenants.values()],
    find: (name) => tenants.get(name),
    create,
    change: async (name, change) => {
      const tenant = demand(name);
      await inTurn(async () => {
        // It may have been taken away meanwhile.
        if (tenants.get(name) !== tenant) throw noSuchTenant(name);
        const record = { ...tenant.record, ...change };
        await saveTenant(record);
        tenant.change(record);
      });
      return tenant;
    },
    remove: async (name) => {
      const tenant = demand(name);
      tenant.demandIdle();
      tenants.delete(name);
      const { id: _id, ...rest } = tenant.record;
      await inTurn(() => store.save("tenants", { _id, ...rest, isLeaving: true }));
      await tenant.closeForGood();
      await forget(_id);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface KeptTenant extends Omit<TenantRecord, "id"> {
  readonly _id: string;
  /** It is being taken away. */
  readonly isLeaving?: true;
}

/** Stays over restarts, so that what clients have noted down goes on to work. */
async function readId(store: ReturnType<typeof createStore>, wanted: string | undefined): Promise<string> {
  const kept = (await store.load<{ readonly _id: string; readonly value: string }>("settings")).find(
    ({ _id }) => _id === "projectId",
  );
  const value = wanted ?? kept?.value ?? new ObjectId().toHexString();
  if (value !== kept?.value) await store.save("settings", { _id: "projectId", value });
  return value;
}
