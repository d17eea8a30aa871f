import { mkdtemp, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Environment } from "../config/environment.ts";
import { AspError } from "../diagnostics/asp-error.ts";
import type { Cluster } from "../engine/engine.ts";
import { prepareCluster } from "../engine/prepare-collections.ts";
import { sampleConnection } from "../stages/sample-data.ts";
import { createVirtualClock } from "../engine/virtual-clock.ts";
import type { AdminLogEntry } from "./admin/admin-server-types.ts";
import { startAdminServer } from "./admin/start-admin-server.ts";
import { isLoopback } from "./is-loopback.ts";
import { loadCertificates } from "./load-certificates.ts";
import { loadCredentials, type Credentials } from "./credentials.ts";
import { openCluster, type OpenCluster } from "./open-cluster.ts";
import type { EmulatorAddresses, EmulatorOptions, RunningEmulator } from "./emulator-types.ts";
import { openProject } from "./project/project.ts";
import { createStore } from "./project/store.ts";
import type { Project } from "./project-types.ts";
import { applySeed, connectionsOfSeed } from "./seed/apply-seed.ts";
import type { Seed } from "./seed/seed-schema.ts";
import { startWireServer } from "./wire/start-wire-server.ts";
import { makeFolder } from "../mongod/make-folder.ts";

/** Name of the cluster that an emulator has, as in a new project of the service. */
export const clusterName = "Cluster0";

/**
 * Starts a local workspace: a mongod, the wire endpoint and the Admin API over one project.
 *
 * @throws AspError for what the world refuses: a mongod that does not start, a port that is taken (ASP5308), an address that is open to
 * others without credentials of the user's own (ASP5309)
 */
export async function startEmulator(options: EmulatorOptions): Promise<RunningEmulator> {
  const { host = "127.0.0.1", db = "asp_emulator", seed = {}, log = () => undefined, tls = true } = options;
  demandCredentials(host, seed);
  const closers: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll(closers));
  try {
    const folder = await openFolder(options.dataDir);
    closers.push(folder.close);
    const opened = await openCluster({
      env: options.env,
      ...(options.signal && { signal: options.signal }),
      ...(options.onProgress && { onProgress: options.onProgress }),
      ...(options.uri === undefined ? { dbPath: join(folder.path, "mongod") } : { uri: options.uri }),
    });
    closers.push(opened.close);
    options.signal?.throwIfAborted();
    const cluster: Cluster = { name: clusterName, client: opened.client };
    const environment = options.environment ?? bareEnvironment;
    await prepareCluster(opened.client, environment.collections, environment);
    const store = createStore(opened.client, db);
    const credentials = withSeeded(await loadCredentials(store), seed);
    const certificates = tls ? await loadCertificates(folder.path, host) : undefined;
    const clock = options.time === "virtual" ? createVirtualClock(Date.now()) : undefined;
    const workspaceName = environment.settings?.workspace ?? "local";
    let wirePort = options.wirePort ?? 0;

    const project = await openProject({
      clusters: new Map([[clusterName, cluster]]),
      db,
      environment,
      env: options.env,
      captureDir: join(folder.path, "captured"),
      ...(seed.projectId !== undefined && { id: seed.projectId }),
      ...pick(options, "pendingMs", "checkpointIntervalMs", "retryPausesMs", "onState"),
      ...(clock && { clock: clock.now, timeOf: clock.timeOf }),
      first: {
        name: workspaceName,
        dataProcessRegion: {
          cloudProvider: environment.settings?.provider ?? "AWS",
          region: environment.settings?.region ?? "VIRGINIA_USA",
        },
        ...(environment.settings?.tier && { tier: environment.settings.tier }),
        samples: [sampleConnection],
        connections: clusterConnections(environment),
      },
      provided: connectionsOfSeed(seed),
      listen: async (tenant) => {
        // The port that was asked for is the first workspace's.
        const port = tenant.record.name === workspaceName ? wirePort : 0;
        if (tenant.record.name === workspaceName) wirePort = 0;
        const server = await startWireServer({
          tenant,
          users: credentials.users,
          host,
          port,
          ...(certificates && { tls: certificates }),
          log,
        });
        return { hostname: `${inUri(host)}:${server.port}`, close: server.close };
      },
    });
    closers.push(project.close);
    await applySeed(project, seed);
    const advance = async (ms: number): Promise<void> => {
      if (clock === undefined)
        throw new AspError("ASP5310", "the clock of this emulator is the machine's: it cannot be moved on", {
          help: "start it with `--time virtual`",
        });
      if (!Number.isInteger(ms) || ms < 1 || clock.now() + ms > latestMs)
        throw new AspError("ASP5312", `the clock cannot be moved on by ${ms} ms`, {
          help: "name whole milliseconds, at least one, that end before the year 275760",
        });
      const workspaces = project.tenants().map(({ workspace }) => workspace);
      await Promise.all(workspaces.map((each) => each.caughtUp()));
      const { operationTime } = await opened.client.db("admin").command({ ping: 1 });
      clock.advance(ms, operationTime);
      await Promise.all(workspaces.map((each) => each.tick()));
      await Promise.all(workspaces.map((each) => each.caughtUp()));
    };
    const admin = await startAdminServer({
      project,
      credentials,
      host,
      port: options.adminPort ?? 0,
      ...(certificates && { tls: certificates }),
      ...(options.faults && { faults: options.faults }),
      ...(clock && { clock: { now: clock.now, advance } }),
      log: noteRequest(log),
    });
    closers.push(admin.close);
    options.signal?.throwIfAborted();
    const first = project.find(workspaceName);
    return {
      ...addresses({ opened, credentials, project, caFile: certificates?.caFile }),
      wire: wireUri(first?.hostname ?? "", credentials, certificates?.caFile),
      adminApi: `${tls ? "https" : "http"}://${inUri(host)}:${admin.port}`,
      workspace: workspaceName,
      project,
      died: opened.died.then(async (reason) => {
        // Whoever hears of it may leave without a close, which waits for what cannot end any more.
        await folder.close().catch(() => undefined);
        return reason;
      }),
      now: clock?.now ?? Date.now,
      advance,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The last time that a date can hold, in milliseconds since the epoch. */
const latestMs = 8.64e15;

/** Only what went wrong is worth a line. */
function noteRequest(log: (line: string) => void): (entry: AdminLogEntry) => void {
  return ({ method, target, status, note }) => {
    if (note !== undefined) log(`Admin API: ${method} ${target} ${status}: ${note}`);
  };
}

const bareEnvironment: Environment = {
  name: "local",
  target: "emulator",
  databases: {},
  connections: { [clusterName]: { type: "Cluster" } },
  collections: [],
  checkpoints: { db: "asp" },
};

/** Every Cluster of the config is a connection of the first workspace; all lead to the emulator's cluster, or where their `uri` says. */
function clusterConnections({ connections }: Environment): Readonly<Record<string, Connection>> {
  const clusters = Object.entries(connections).filter(([, { type }]) => type === "Cluster");
  return Object.fromEntries(clusters.map(([name]) => [name, { type: "Cluster" as const, clusterName }]));
}

function addresses({
  opened,
  credentials,
  project,
  caFile,
}: {
  readonly opened: OpenCluster;
  readonly credentials: Credentials;
  readonly project: Project;
  readonly caFile: string | undefined;
}): Omit<EmulatorAddresses, "wire" | "adminApi" | "workspace"> {
  const [{ clientId, clientSecret }] = credentials.serviceAccounts;
  const [{ publicKey, privateKey }] = credentials.apiKeys;
  const own = { clientId, clientSecret, publicKey, privateKey };
  return {
    ...(caFile !== undefined && { caFile }),
    projectId: project.id,
    ...own,
    clusterUri: opened.uri,
    clusterName,
  };
}

function wireUri(hostname: string, { users: [{ name, password }] }: Credentials, caFile: string | undefined): string {
  const query = new URLSearchParams({
    authSource: "admin",
    directConnection: "true",
    ...(caFile === undefined ? {} : { tls: "true", tlsCAFile: caFile }),
  });
  return `mongodb://${encodeURIComponent(name)}:${encodeURIComponent(password)}@${hostname}/?${query.toString()}`;
}

function inUri(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** @throws AspError ASP5309 */
function demandCredentials(host: string, { users, apiKeys, serviceAccounts }: Seed): void {
  if (isLoopback(host)) return;
  if ([users, apiKeys, serviceAccounts].every((each) => each !== undefined && each.length > 0)) return;
  throw new AspError("ASP5309", `${host} can be reached by others, and the emulator has no credentials of your own`, {
    help: "give `users`, `apiKeys` and `serviceAccounts` in a `--seed` file, or listen on 127.0.0.1",
  });
}

/** The user's own come first, and leave out what was made up. */
function withSeeded(made: Credentials, { users, apiKeys, serviceAccounts }: Seed): Credentials {
  const own = <Each extends object>(
    seeded: readonly Each[] | undefined,
    otherwise: readonly [Required<Each>, ...Required<Each>[]],
  ) => {
    const [first, ...rest] = (seeded ?? []).map(
      (each) => ({ role: "readWrite", ...each }) as unknown as Required<Each>,
    );
    return first === undefined ? otherwise : ([first, ...rest] as const);
  };
  return {
    ...made,
    users: own(users, made.users),
    apiKeys: own(apiKeys, made.apiKeys),
    serviceAccounts: own(serviceAccounts, made.serviceAccounts),
  };
}

async function openFolder(dataDir: string | undefined): Promise<{ readonly path: string; close(): Promise<void> }> {
  if (dataDir === undefined) {
    const path = await mkdtemp(join(tmpdir(), "asp-emulator-"));
    return { path, close: () => rm(path, { recursive: true, force: true }) };
  }
  try {
    // It holds secrets: a new one is for its owner alone.
    makeFolder(dataDir, { mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AspError("ASP5311", `cannot write to the folder ${dataDir}: ${reason}`, { cause });
  }
  return { path: dataDir, close: async () => undefined };
}

/** In the reverse of the order in which they were opened; each is closed, whatever becomes of the others. */
async function closeAll(closers: (() => Promise<unknown>)[]): Promise<void> {
  for (const each of closers.splice(0).toReversed()) await each().catch(() => undefined);
}

function pick<From extends object, Key extends keyof From>(from: From, ...keys: readonly Key[]): Pick<From, Key> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Pick<
    From,
    Key
  >;
}
