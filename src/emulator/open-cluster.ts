import { MongoClient } from "mongodb";
import { AspError } from "../diagnostics/asp-error.ts";
import { startMongod } from "../mongod/start-mongod.ts";
import type { FindMongodOptions } from "../mongod/mongod.ts";

/** The mongod behind an emulator: its own, or one that was there. */
export interface OpenCluster {
  readonly uri: string;
  readonly client: MongoClient;
  /** Resolves with what happened when a mongod of its own ends by itself; never for another one. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

export interface OpenClusterOptions extends FindMongodOptions {
  /** A replica set that is there; default a mongod of its own. */
  readonly uri?: string;
  /** Where a mongod of its own keeps its data; default a folder that goes with it. */
  readonly dbPath?: string;
}

/** @throws AspError ASP4132 where a cluster does not answer, ASP5307 where it is no replica set, and what startMongod throws */
export async function openCluster({ uri, ...options }: OpenClusterOptions): Promise<OpenCluster> {
  if (uri === undefined) {
    const mongod = await startMongod(options);
    const client = new MongoClient(mongod.uri, { appName: "asp" });
    const close = async (): Promise<void> => {
      await client.close();
      await mongod.stop();
    };
    return { uri: mongod.uri, client, died: mongod.died, close };
  }
  let client: MongoClient | undefined;
  try {
    // What the address says of it holds.
    const patience = uri.includes("serverSelectionTimeoutMS") ? {} : { serverSelectionTimeoutMS: 10_000 };
    client = await new MongoClient(uri, { appName: "asp", ...patience }).connect();
  } catch (cause) {
    await client?.close();
    // The driver's own words may quote the address, and with it a password.
    throw new AspError("ASP4132", "cannot connect to the cluster at `--uri`", {
      help: "check that it is running, that it lets this machine in, and the address",
      cause,
      retryable: true,
    });
  }
  const { setName } = await client.db("admin").command({ hello: 1 });
  if (setName === undefined) {
    await client.close();
    throw new AspError("ASP5307", "the mongod at `--uri` is no member of a replica set: it has no change streams", {
      help: "start it with `--replSet` and initiate it, or leave `--uri` out for a mongod of the emulator's own",
    });
  }
  const connected = client;
  return { uri, client, died: new Promise(() => undefined), close: () => connected.close() };
}
