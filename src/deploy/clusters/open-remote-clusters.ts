import { MongoClient } from "mongodb";
import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import { noAddress, resolveConnection, uriPlace } from "../../config/resolve-connection.ts";
import { urisOf } from "../../config/uris-of.ts";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { within } from "../../engine/within.ts";

/** The clusters behind an environment's connections, each connected to when it is first asked for. */
export interface RemoteClusters extends AsyncDisposable {
  /**
   * A finding where the config has no address for it that asp can use.
   *
   * @param connection as the config calls it
   * @throws AspError ASP4132 where nobody answers there
   */
  find(connection: string): Promise<FoundCluster>;
  /**
   * @param connection as the config calls it
   * @throws AspError ASP6062 where asp has no address for it, ASP4132 where nobody answers there
   */
  open(connection: string): Promise<MongoClient>;
  close(): Promise<void>;
}

export type FoundCluster =
  | { readonly client: MongoClient; readonly finding?: undefined }
  | { readonly client?: undefined; readonly finding: Finding };

export interface RemoteClustersOptions {
  readonly env: Variables;
  readonly signal: AbortSignal;
  /** How long the driver looks for a cluster, in milliseconds; default 10 seconds. */
  readonly selectionTimeoutMs?: number;
}

const closeWithinMs = 2000;

/** Nothing is sent until a cluster is asked for. Connections of one address share a client. */
export function openRemoteClusters(
  environment: Environment,
  { env, signal, selectionTimeoutMs = 10_000 }: RemoteClustersOptions,
): RemoteClusters {
  const clients = new Map<string, Promise<MongoClient>>();
  const addresses = new Map<string, ReturnType<typeof findAddress>>();
  const connect = async (connection: string, uri: string): Promise<MongoClient> => {
    signal.throwIfAborted();
    let client: MongoClient | undefined;
    const leave = (): void => void client?.close().catch(() => undefined);
    signal.addEventListener("abort", leave, { once: true });
    try {
      client = new MongoClient(uri, { appName: "asp", serverSelectionTimeoutMS: selectionTimeoutMs });
      return await client.connect();
    } catch (cause) {
      await client?.close();
      signal.throwIfAborted();
      // The driver's own words may quote the address, and with it a password.
      throw new AspError("ASP4132", `cannot connect to the cluster of connection \`${connection}\``, {
        help: "check that it is running, that it lets this machine in, and its `uri`",
        cause,
        retryable: true,
      });
    } finally {
      signal.removeEventListener("abort", leave);
    }
  };
  const find: RemoteClusters["find"] = async (connection) => {
    // A command, `${exec:…}`, is run once.
    const found = addresses.get(connection) ?? findAddress(environment, connection, { env, signal });
    addresses.set(connection, found);
    const address = await found;
    if ("finding" in address) return address;
    const client = clients.get(address.uri) ?? connect(connection, address.uri);
    clients.set(address.uri, client);
    return { client: await client };
  };
  const open: RemoteClusters["open"] = async (connection) => {
    const { client, finding } = await find(connection);
    if (client !== undefined) return client;
    const { code, message, help } = finding;
    // What a command says of itself is clearer than that there is no address.
    if (code === "ASP6066") throw new AspError(code, message, help === undefined ? {} : { help });
    throw new AspError("ASP6062", message, { help: `add a \`uri\` to the connection \`${connection}\`` });
  };
  const close = async (): Promise<void> => {
    const opened = await Promise.allSettled(clients.values());
    // The driver says good-bye to the server, and waits for its answer without end.
    await Promise.all(
      opened.flatMap((each) => (each.status === "fulfilled" ? [within(each.value.close(), closeWithinMs)] : [])),
    );
  };
  return { find, open, close, [Symbol.asyncDispose]: close };
}

async function findAddress(
  environment: Environment,
  connection: string,
  options: Pick<RemoteClustersOptions, "env" | "signal">,
): Promise<{ readonly uri: string } | { readonly finding: Finding }> {
  const place = uriPlace(environment, connection);
  const { env, findings } = await loadCommandValues(urisOf(environment, [connection]), { ...options, ...place });
  const [failed] = findings;
  if (failed !== undefined) return { finding: failed };
  const address = resolveConnection(environment, connection, env);
  if (address.kind === "uri") return { uri: address.uri };
  if (address.kind === "unknown") return { finding: address.finding };
  return { finding: noAddress(place, { name: connection, environment: environment.name }) };
}
