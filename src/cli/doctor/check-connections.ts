import { MongoClient } from "mongodb";
import { resolveConnection } from "../../config/resolve-connection.ts";
import type { Environment } from "../../config/resolve-environment.ts";
import type { CommandContext } from "../context.ts";
import type { Check } from "./check.ts";
import { checkCollections } from "./check-collections.ts";
import { maskUri } from "./mask-uri.ts";

const timeoutMs = 5_000;

/** Every connection of the environment: whether it can be used, and whether what the config asks for is there. */
export async function checkConnections(environment: Environment, ctx: CommandContext): Promise<readonly Check[]> {
  const names = Object.keys(environment.connections);
  const checks = await Promise.all(names.map((name) => checkConnection(environment, name, ctx)));
  return checks.flat();
}

const capturedTypes = ["S3", "AzureBlobStorage", "AWSKinesisDataStreams", "GCPPubSub"];

/** What a connection that is no cluster is to the engine. Addresses are not shown: they may hold a secret. */
function standIn(environment: Environment, name: string): string {
  const { type = "", ...settings } = environment.connections[name] ?? {};
  if (capturedTypes.includes(type)) return `what it would get is written to .asp/captured/${name}`;
  if (type === "Kafka" && !("bootstrapServers" in settings)) return "topics in memory";
  return "not asked by doctor";
}

async function checkConnection(environment: Environment, name: string, ctx: CommandContext): Promise<readonly Check[]> {
  const label = `connection ${name}`;
  const { type = "" } = environment.connections[name] ?? {};
  if (type !== "Cluster") return [{ name: label, status: "ok", detail: `${type}, ${standIn(environment, name)}` }];
  const address = resolveConnection(environment, name, ctx.env);
  if (address.kind === "embedded") return [{ name: label, status: "ok", detail: "a mongod that asp starts" }];
  if (address.kind === "unknown") {
    const { code, message, help } = address.finding;
    const detail = `${message} (${code})`;
    return [{ name: label, status: "error", fault: "project", detail, ...(help === undefined ? {} : { help }) }];
  }

  const shown = maskUri(address.uri);
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(address.uri, { serverSelectionTimeoutMS: timeoutMs, connectTimeoutMS: timeoutMs });
    const hello = await client.db("admin").command({ hello: 1 });
    const isReplicaSet = hello["setName"] !== undefined || hello["msg"] === "isdbgrid";
    if (!isReplicaSet) {
      const help = "start it with --replSet: a standalone mongod has no change streams";
      return [{ name: label, status: "error", fault: "world", detail: `${shown} is no replica set`, help }];
    }
    const { version } = await client.db("admin").command({ buildInfo: 1 });
    const reached: Check = { name: label, status: "ok", detail: `${shown}, MongoDB ${String(version)}` };
    return [reached, ...(await checkCollections(environment, name, client))];
  } catch (error) {
    ctx.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    // The driver's words about a malformed address may quote it, password and all.
    const detail = `${shown}: ${reason.replaceAll(address.uri, shown)}`;
    return [{ name: label, status: "error", fault: "world", detail }];
  } finally {
    await client?.close();
  }
}
