import { MongoClient } from "mongodb";
import { connectionType } from "../compiler/check-connections.ts";
import type { Environment } from "../config/environment.ts";
import type { Variables } from "../config/interpolate.ts";
import { resolveConnection } from "../config/resolve-connection.ts";
import { AspError } from "../diagnostics/asp-error.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Mongod } from "../mongod/mongod.ts";
import { startMongod } from "../mongod/start-mongod.ts";
import type { Definition } from "../stages/definition.ts";
import { connectionsOf } from "./connections-of.ts";
import type { Cluster, EngineOptions } from "./engine.ts";
import { memberAddress } from "./member-address.ts";
import { within } from "./within.ts";

const closeWithinMs = 2000;

/** The clusters behind the connection names of an environment, connected. */
export interface Clusters extends AsyncDisposable {
  readonly cluster: EngineOptions["cluster"];
  readonly checkpoints: EngineOptions["checkpoints"];
  /** The mongod that was started for the connections without an address. */
  readonly mongod?: Mongod;
  /** Closes the clients and stops the mongod. */
  close(): Promise<void>;
}

export interface OpenClustersOptions {
  /** For `${NAME}` in addresses, and for finding a mongod. */
  readonly env: Variables;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Where the embedded mongod keeps its data; default a temporary folder that goes with it. */
  readonly dbPath?: string;
}

/**
 * Connects to every cluster that the definitions name; connections of other types are openConnections'. All connections without an address are one embedded mongod, which is
 * started only if there is one; connections with the same address share a client.
 *
 * What is wrong with a connection in the config is among the findings, and then nothing is opened.
 *
 * @throws AspError ASP4132 when a cluster does not answer, and what startMongod throws.
 */
export async function openClusters(
  environment: Environment,
  definitions: readonly Definition[],
  options: OpenClustersOptions,
): Promise<{ readonly clusters?: Clusters; readonly findings: readonly Finding[] }> {
  const names = new Set(definitions.flatMap(connectionsOf).filter((name) => mayBeCluster(environment, name)));
  const keeper = environment.checkpoints.connectionName ?? sinkConnection(definitions) ?? [...names][0];
  if (keeper !== undefined) names.add(keeper);
  const findings: Finding[] = [];
  const addresses = new Map<string, string | undefined>();
  for (const name of names) {
    const address = resolveConnection(environment, configName(environment, name), options.env);
    if (address.kind === "unknown") findings.push(address.finding);
    else addresses.set(name, address.kind === "uri" ? address.uri : undefined);
  }
  if (findings.length > 0) return { findings };
  const isEmbedded = names.size === 0 || [...addresses.values()].includes(undefined);
  const mongod = isEmbedded ? await startMongod(options) : undefined;
  const clients = new Map<string | undefined, OpenCluster>();
  const close = async (): Promise<void> => {
    // The driver says good-bye to the server, and waits for its answer without end.
    await Promise.all([...clients.values()].map((each) => within(each.close(), closeWithinMs)));
    await mongod?.stop();
  };
  try {
    if (mongod !== undefined) clients.set(undefined, await connect("embedded", mongod.uri, options.signal));
    for (const [name, uri] of addresses) {
      if (uri === undefined || clients.has(uri)) continue;
      options.onProgress?.(`Connecting to the cluster of \`${name}\``);
      clients.set(uri, await connect(name, uri, options.signal));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const cluster = (name: string): Cluster => {
    const found = clients.get(addresses.get(name)) ?? clients.get(undefined);
    if (found === undefined) throw new Error(`no processor names the connection ${name}`);
    return found;
  };
  const clusters: Clusters = {
    cluster,
    checkpoints: { cluster: cluster(keeper ?? ""), db: environment.checkpoints.db },
    ...(mongod === undefined ? {} : { mongod }),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { clusters, findings };
}

/** Of another type it is opened elsewhere; one that is not there is found here. */
function mayBeCluster(environment: Environment, name: string): boolean {
  const type = connectionType(configName(environment, name), environment);
  return type === undefined || type === "Cluster";
}

/** Definitions for a remote workspace hold the names of its registry. */
export function configName({ connections }: Environment, name: string): string {
  if (Object.hasOwn(connections, name)) return name;
  return Object.keys(connections).find((key) => connections[key]?.name === name) ?? name;
}

function sinkConnection(definitions: readonly Definition[]): string | undefined {
  const into: unknown = definitions[0]?.pipeline.at(-1)?.["$merge"]?.into;
  const name = (into as { readonly connectionName?: unknown } | undefined)?.connectionName;
  return typeof name === "string" ? name : undefined;
}

interface OpenCluster extends Cluster {
  close(): Promise<void>;
}

const clientOptions = { appName: "asp", serverSelectionTimeoutMS: 10_000 };

function toCluster(name: string, uri: string, client: MongoClient): OpenCluster {
  const members = new Map<string, MongoClient>();
  return {
    name,
    client,
    member: async (host) => {
      const member = members.get(host) ?? new MongoClient(memberAddress(uri, host), clientOptions);
      members.set(host, member);
      return member.connect();
    },
    close: async () => {
      await Promise.all([client, ...members.values()].map((each) => each.close()));
    },
  };
}

async function connect(name: string, uri: string, signal: AbortSignal | undefined): Promise<OpenCluster> {
  signal?.throwIfAborted();
  const unreachable = (cause: unknown): AspError =>
    // The driver's own words may quote the address, and with it a password.
    new AspError("ASP4132", `cannot connect to the cluster of connection \`${name}\``, {
      help: "check that it is running, that it lets this machine in, and its `uri`",
      cause,
      retryable: true,
    });
  let client: MongoClient | undefined;
  // Ctrl-C must not wait until the driver gives up.
  const leave = (): void => void client?.close().catch(() => undefined);
  signal?.addEventListener("abort", leave, { once: true });
  try {
    client = new MongoClient(uri, clientOptions);
    await client.connect();
    return toCluster(name, uri, client);
  } catch (error) {
    await client?.close();
    signal?.throwIfAborted();
    throw unreachable(error);
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}
