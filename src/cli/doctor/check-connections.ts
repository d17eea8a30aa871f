import { MongoClient, type Document } from "mongodb";
import { resolveConnection } from "../../config/resolve-connection.ts";
import type { Environment } from "../../config/resolve-environment.ts";
import type { Definition } from "../../stages/definition.ts";
import type { CommandContext } from "../context.ts";
import type { Check } from "./check.ts";
import { checkCollections } from "./check-collections.ts";
import { checkImagesThere } from "./check-images.ts";
import { checkNear } from "./check-near.ts";
import { checkOplog } from "./check-oplog.ts";
import { checkSinkIndexes } from "./check-sink-indexes.ts";
import { maskUri } from "./mask-uri.ts";
import { toCheck } from "./to-check.ts";

const timeoutMs = 5_000;

/** What is held against the clusters that can be reached. */
export interface ConnectionNeeds {
  readonly definitions: readonly Definition[];
  /** The longest that a processor may stand still. */
  readonly downtimeHours: number;
  /** Of the workspace, where it is known. */
  readonly region?: string;
}

interface Looked {
  readonly checks: readonly Check[];
  /** As definitions name it; undefined where it is not a cluster that was reached. */
  readonly reached?: string;
}

/**
 * Every connection of the environment: whether it can be used, and whether what the config and the processors ask for is there.
 *
 * @returns `reached`: the clusters that were looked at, as definitions name them
 */
export async function checkConnections(
  environment: Environment,
  needs: ConnectionNeeds,
  ctx: CommandContext,
): Promise<{ readonly checks: readonly Check[]; readonly reached: ReadonlySet<string> }> {
  const names = Object.keys(environment.connections);
  const looked = await Promise.all(names.map((name) => checkConnection(environment, name, needs, ctx)));
  return {
    checks: looked.flatMap(({ checks }) => checks),
    reached: new Set(looked.flatMap(({ reached }) => reached ?? [])),
  };
}

const capturedTypes = ["S3", "AzureBlobStorage", "AWSKinesisDataStreams", "GCPPubSub"];

/** What a connection that is no cluster is to the engine. Addresses are not shown: they may hold a secret. */
function standIn(environment: Environment, name: string): string {
  const { type = "", ...settings } = environment.connections[name] ?? {};
  if (capturedTypes.includes(type)) return `what it would get is written to .asp/captured/${name}`;
  if (type === "Kafka" && !("bootstrapServers" in settings)) return "topics in memory";
  return "not asked by doctor";
}

async function checkConnection(
  environment: Environment,
  name: string,
  needs: ConnectionNeeds,
  ctx: CommandContext,
): Promise<Looked> {
  const label = `connection ${name}`;
  const { type = "", uri } = environment.connections[name] ?? {};
  const one = (check: Omit<Check, "name">): Looked => ({ checks: [{ name: label, ...check }] });
  if (type !== "Cluster") return one({ status: "ok", detail: `${type}, ${standIn(environment, name)}` });
  // The service finds its clusters by itself; asp looks into those that it is given an address of.
  if (uri === undefined && environment.target !== "emulator") {
    return one({ status: "ok", detail: "Cluster without `uri`: not looked into from here" });
  }
  const address = resolveConnection(environment, name, ctx.env);
  if (address.kind === "embedded") return one({ status: "ok", detail: "a mongod that asp starts" });
  if (address.kind === "unknown") return { checks: [toCheck(label, address.finding, "project")] };

  const shown = maskUri(address.uri);
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(address.uri, { serverSelectionTimeoutMS: timeoutMs, connectTimeoutMS: timeoutMs });
    const hello = await client.db("admin").command({ hello: 1 });
    const isReplicaSet = hello["setName"] !== undefined || hello["msg"] === "isdbgrid";
    if (!isReplicaSet) {
      const help = "start it with --replSet: a standalone mongod has no change streams";
      return one({ status: "error", fault: "world", detail: `${shown} is no replica set`, help });
    }
    const { version } = await client.db("admin").command({ buildInfo: 1 });
    const reached: Check = { name: label, status: "ok", detail: `${shown}, MongoDB ${String(version)}` };
    const own = environment.target === "emulator" ? name : (environment.connections[name]?.name ?? name);
    const looked = await Promise.all([
      checkCollections(environment, name, client),
      checkClusterNeeds({ label, own, hello, environment }, client, needs),
    ]);
    return { checks: [reached, ...looked.flat()], reached: own };
  } catch (error) {
    ctx.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    // The driver's words about a malformed address may quote it, password and all.
    const detail = `${shown}: ${reason.replaceAll(address.uri, shown)}`;
    return one({ status: "error", fault: "world", detail });
  } finally {
    await client?.close();
  }
}

interface Cluster {
  readonly label: string;
  /** As definitions name it. */
  readonly own: string;
  readonly hello: Document;
  readonly environment: Environment;
}

/** What processors need of a cluster: a long memory where they follow it, images, unique indexes, and to be near. */
async function checkClusterNeeds(
  { label, own, hello, environment }: Cluster,
  client: MongoClient,
  { definitions, downtimeHours, region }: ConnectionNeeds,
): Promise<readonly Check[]> {
  const isFollowed = definitions.some(({ pipeline }) => {
    const source = pipeline[0]?.["$source"] as { readonly connectionName?: unknown } | undefined;
    return source?.connectionName === own;
  });
  const found = await Promise.all([
    checkImagesThere(definitions, own, client),
    checkSinkIndexes(definitions, own, client),
  ]);
  const oplog = isFollowed ? [await checkOplog(label, client, { downtimeHours })] : [];
  return [...checkNear(label, hello, { region, provider: environment.settings?.provider }), ...oplog, ...found.flat()];
}
