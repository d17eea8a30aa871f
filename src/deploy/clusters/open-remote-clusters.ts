import { MongoClient } from "mongodb";
import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import { resolveConnection } from "../../config/resolve-connection.ts";
import { urisOf } from "../../config/uris-of.ts";
import { AspError } from "../../diagnostics/asp-error.ts";
import { within } from "../../engine/within.ts";

/** The clusters behind an environment's connections, each connected to when it is first asked for. */
export interface RemoteClusters extends AsyncDisposable {
  /**
   * @param connection as the config calls it
   * @throws AspError ASP6062 where asp has no address for it, ASP4132 where nobody answers there
   */
  open(connection: string): Promise<MongoClient>;
  close(): Promise<void>;
}

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
  const open: RemoteClusters["open"] = async (connection) => {
    const uri = await addressOf(environment, connection, { env, signal });
    const known = clients.get(uri) ?? connect(connection, uri);
    clients.set(uri, known);
    return known;
  };
  const close = async (): Promise<void> => {
    const opened = await Promise.allSettled(clients.values());
    // The driver says good-bye to the server, and waits for its answer without end.
    await Promise.all(
      opened.flatMap((each) => (each.status === "fulfilled" ? [within(each.value.close(), closeWithinMs)] : [])),
    );
  };
  return { open, close, [Symbol.asyncDispose]: close };
}

async function addressOf(
  environment: Environment,
  connection: string,
  options: Pick<RemoteClustersOptions, "env" | "signal">,
): Promise<string> {
  const { env, findings } = await loadCommandValues(urisOf(environment, [connection]), options);
  const [failed] = findings;
  if (failed !== undefined)
    throw new AspError(failed.code, failed.message, failed.help === undefined ? {} : { help: failed.help });
  const address = resolveConnection(environment, connection, env);
  if (address.kind === "uri") return address.uri;
  const reason =
    address.kind === "unknown"
      ? address.finding.message
      : `the connection \`${connection}\` has no \`uri\` in environment \`${environment.name}\``;
  throw new AspError("ASP6062", reason, {
    help: `add a \`uri\` to the connection \`${connection}\``,
  });
}
