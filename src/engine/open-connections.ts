import type { Connection, Environment } from "../config/environment.ts";
import { fillInConnection } from "../config/connections/fill-in-connection.ts";
import type { Variables } from "../config/interpolate.ts";
import { AspError, isAspError } from "../diagnostics/asp-error.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import type { Definition } from "../stages/definition.ts";
import { connectionsOf } from "./connections-of.ts";
import type { Connections } from "./connections.ts";
import { configName } from "./open-clusters.ts";
import type { Broker } from "./kafka/broker.ts";
import { orAborted } from "./or-aborted.ts";
import { createBroker } from "./kafka/create-broker.ts";

/** Documented in docs/errors/ASP4136.md. */
export const noBootstrapServers = defineFinding<{ name: string; environment: string }>("ASP4136", {
  severity: "error",
  message: ({ name, environment }) =>
    `the connection \`${name}\` has no \`bootstrapServers\` in environment \`${environment}\``,
  help: ({ name, environment }) =>
    `add \`environments.${environment}.connections.${name}.bootstrapServers\`: the brokers, \`host:port\``,
});

/** Of a partition in memory: nobody is to run out of it because a processor has run for long. */
const retentionBytes = 128 * 1024 * 1024;

export interface OpenConnectionsOptions {
  /** For `${NAME}` in settings. */
  readonly env: Variables;
  /** Folder that captured output goes to. */
  readonly captureDir: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Milliseconds since the epoch; default the wall clock. */
  readonly now?: () => number;
}

/**
 * Opens every connection that the definitions name and that is no cluster: fills in its settings, and asks the brokers of Kafka
 * connections for an answer. In an emulator, a Kafka connection without `bootstrapServers` is topics in memory, which end with the run.
 *
 * What is wrong with a connection in the config is among the findings, and then nothing is opened.
 *
 * @throws AspError ASP4135 when brokers do not answer, ASP4137 or ASP4138 when they do not let us in.
 */
export async function openConnections(
  environment: Environment,
  definitions: readonly Definition[],
  options: OpenConnectionsOptions,
): Promise<{ readonly connections?: Connections; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const opened = new Map<string, Connection>();
  for (const name of new Set(definitions.flatMap(connectionsOf))) {
    const key = configName(environment, name);
    const connection = Object.hasOwn(environment.connections, key) ? environment.connections[key] : undefined;
    // What is not there at all is found where clusters are opened.
    if (connection === undefined || connection.type === "Cluster") continue;
    const place = placeOf(environment, key);
    const filled = fillInConnection(connection, options.env, place);
    findings.push(...filled.findings);
    if (connection.type === "Kafka" && connection.bootstrapServers === undefined && environment.target !== "emulator") {
      findings.push(noBootstrapServers(place === undefined ? {} : { place }, { name, environment: environment.name }));
    }
    opened.set(name, filled.value);
  }
  if (findings.length > 0) return { findings };

  const now = options.now ?? Date.now;
  const brokers = new Map<string, Broker>();
  const settings = (name: string): Connection => {
    const found = opened.get(name);
    if (found === undefined) throw new Error(`no processor names the connection ${name}`);
    return found;
  };
  const broker = (name: string): Broker => {
    const known = brokers.get(name);
    if (known !== undefined) return known;
    // A position of an earlier run is before every offset of this one, unless a million messages came in each second of it.
    const made = createBroker(name, settings(name), { now, offsetsPerMs: 1000n, retentionBytes });
    brokers.set(name, made);
    return made;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...brokers.values()].map((each) => each.close().catch(() => undefined)));
  };
  try {
    for (const [name, { type, bootstrapServers }] of opened) {
      if (type !== "Kafka") continue;
      options.signal?.throwIfAborted();
      if (bootstrapServers !== undefined) options.onProgress?.(`Connecting to the Kafka brokers of \`${name}\``);
      await connect(name, broker(name), options.signal);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { connections: { settings, broker, captureDir: options.captureDir, close }, findings };
}

/** Ctrl-C must not wait until the brokers are given up. */
async function connect(name: string, broker: Broker, signal: AbortSignal | undefined): Promise<void> {
  try {
    if (signal === undefined) await broker.connect();
    else await orAborted(broker.connect(), signal);
    signal?.throwIfAborted();
  } catch (error) {
    if (!isAspError(error) || error.code !== "ASP5120") throw error;
    throw new AspError("ASP4135", `cannot connect to the Kafka brokers of connection \`${name}\``, {
      help: "check that they run, that they let this machine in, and `bootstrapServers` and `security.protocol`",
      cause: error,
      retryable: true,
    });
  }
}

function placeOf({ name: environment, settings, placeOf: find }: Environment, name: string): Place | undefined {
  const isOwn = Object.hasOwn(settings?.connections ?? {}, name);
  return find?.(isOwn ? ["environments", environment, "connections", name] : ["connections", name]);
}
