import type { Connection, Environment } from "../../config/environment.ts";
import { fillInConnection } from "../../config/connections/fill-in-connection.ts";
import type { Variables } from "../../config/interpolate.ts";
import { MongoClient } from "mongodb";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Connections } from "../../engine/connections.ts";
import type { Cluster } from "../../engine/engine.ts";
import type { Broker } from "../../engine/kafka/broker.ts";
import { createBroker, isInMemory } from "../../engine/kafka/create-broker.ts";
import { noSuchConnection } from "./refusals.ts";

/** Settings of a connection, with whether they are the user's own file's: only there `${NAME}` is a variable. */
export interface KnownSettings {
  readonly settings: Connection;
  readonly hasVariables: boolean;
  /** Fields without variables all the same. */
  readonly literal?: readonly string[];
}

export interface RealConnectionsOptions {
  /** What a connection of the workspace's registry says; undefined where there is none. */
  readonly find: (name: string) => KnownSettings | undefined;
  /** Clusters of the project, by their names. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** What connections are here, by their names, where that differs from what the registry says. */
  readonly environment: Environment;
  readonly env: Variables;
  readonly captureDir: string;
  readonly now: () => number;
}

/** What stands behind the connections of a workspace, opened when it is first used. */
export interface RealConnections {
  /** @throws AspError ASP5303, or ASP4011 for a variable that is missing */
  readonly cluster: (name: string) => Cluster;
  readonly connections: Connections;
  /** What was opened for this name is not used again. */
  forget(name: string): Promise<void>;
}

export function createRealConnections(options: RealConnectionsOptions): RealConnections {
  const { find, clusters, environment, env, captureDir, now } = options;
  const opened = new Map<string, Cluster>();
  const brokers = new Map<string, Broker>();

  const settings = (name: string): Connection => {
    const known = find(name);
    if (known === undefined) throw noSuchConnection(name);
    const own = Object.hasOwn(environment.connections, name) ? environment.connections[name] : undefined;
    if (own?.type !== known.settings.type) return known.hasVariables ? fillInOwn(known, env) : known.settings;
    // A cluster's name is the registry's; what else is here is what the config says.
    return fillIn(own.type === "Cluster" ? { ...known.settings, ...own } : own, env);
  };

  const cluster = (name: string): Cluster => {
    const { uri, clusterName } = settings(name);
    if (uri === undefined) {
      const found = clusters.get(clusterName ?? "") ?? [...clusters.values()][0];
      if (found === undefined) throw noSuchConnection(name);
      return found;
    }
    const known = opened.get(uri);
    if (known !== undefined) return known;
    // The driver connects when it is first asked for something.
    const made = {
      name: `${name}@${opened.size}`,
      client: new MongoClient(uri, { appName: "asp", serverSelectionTimeoutMS: 10_000 }),
    };
    opened.set(uri, made);
    return made;
  };

  const broker = (name: string): Broker => {
    const known = brokers.get(name);
    if (known !== undefined) return known;
    const made = createBroker(name, settings(name), { now, offsetsPerMs: 1n });
    brokers.set(name, made);
    return made;
  };

  return {
    cluster,
    connections: {
      settings,
      broker,
      captureDir,
      close: async () => {
        await Promise.all([
          ...[...brokers.values()].map((each) => each.close().catch(() => undefined)),
          ...[...opened.values()].map((each) => each.client.close().catch(() => undefined)),
        ]);
      },
    },
    forget: async (name) => {
      const made = brokers.get(name);
      // Topics in memory are what the connection stands for: a change of its settings does not empty them.
      if (made === undefined || (find(name) !== undefined && isInMemory(settings(name)))) return;
      brokers.delete(name);
      await made.close().catch(() => undefined);
    },
  };
}

/** What a client has written is what it says: the variables of this process are not for clients. */
function fillInOwn({ settings, literal = [] }: KnownSettings, env: Variables): Connection {
  const [own, theirs]: [[string, unknown][], [string, unknown][]] = [[], []];
  for (const entry of Object.entries(settings)) (literal.includes(entry[0]) ? theirs : own).push(entry);
  const { type } = settings;
  return { ...fillIn({ ...Object.fromEntries(own), type }, env), ...Object.fromEntries(theirs) };
}

/** @throws AspError for a variable that is missing */
function fillIn(connection: Connection, env: Variables): Connection {
  const { value, findings } = fillInConnection(connection, env);
  const [wrong] = findings;
  if (wrong === undefined) return value;
  throw new AspError(wrong.code, wrong.message, wrong.help === undefined ? {} : { help: wrong.help });
}
