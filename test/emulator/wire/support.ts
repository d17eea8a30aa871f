import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import type { Document } from "bson";
import { MongoClient, type Db, type MongoClientOptions } from "mongodb";
import { onTestFinished } from "vitest";
import type { Tenant } from "../../../src/emulator/project-types.ts";
import {
  startWireServer,
  type WireServer,
  type WireServerOptions,
} from "../../../src/emulator/wire/start-wire-server.ts";
import { opMsg } from "./protocol/messages.ts";
import { openTestProject } from "../project/support.ts";
import type { TestDatabase } from "../../support/mongod.ts";

export const alice = { name: "alice", password: "p@ss=w,rd", role: "readWrite" } as const;
export const reader = { name: "reader", password: "only looks", role: "read" } as const;

/** Of a client; `query` of its connection string, and whether it logs in. */
export type ClientOptions = MongoClientOptions & { readonly query?: string; readonly isNobody?: true };

export interface Wire {
  readonly server: WireServer;
  readonly tenant: Tenant;
  /** Lines of its log. */
  readonly lines: readonly string[];
  /** What a client sends commands to, as alice unless it says otherwise. */
  readonly connect: (options?: ClientOptions) => Db;
}

/** A workspace with the connections `c` (the test mongod) and `sample_stream_solar`, and its wire endpoint. */
export async function openWire(mongod: TestDatabase, options: Partial<WireServerOptions> = {}): Promise<Wire> {
  const project = await openTestProject(mongod, { retryPausesMs: [] });
  const region = { cloudProvider: "AWS", region: "VIRGINIA_USA" };
  const tenant = await project.create({
    name: "commerce",
    dataProcessRegion: region,
    samples: ["sample_stream_solar"],
  });
  await tenant.connections.create("c", { type: "Cluster", clusterName: "Cluster0" });
  const lines: string[] = [];
  const server = await startWireServer({
    tenant,
    users: [alice, reader],
    log: (line) => void lines.push(line),
    ...options,
  });
  onTestFinished(() => server.close());
  const connect: Wire["connect"] = ({ query = "", isNobody, ...given } = {}) => {
    const client = new MongoClient(`mongodb://127.0.0.1:${server.port}/${query}`, {
      ...(isNobody !== true && { auth: { username: alice.name, password: alice.password } }),
      serverSelectionTimeoutMS: 5000,
      ...given,
    });
    onTestFinished(() => client.close());
    return client.db("admin");
  };
  return { server, tenant, lines, connect };
}

/** What a command is refused with. */
export async function refusalOf(result: Promise<Document>): Promise<{ readonly code: unknown; readonly text: string }> {
  const error: unknown = await result.then(
    () => new Error("it was not refused"),
    (refusal: unknown) => refusal,
  );
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  return { code, text: message };
}

/** A client of its own, which sends bytes as they are and hands over what comes back. */
export interface RawClient {
  send(bytes: Uint8Array): void;
  /** All that has come so far. */
  received(): Buffer;
  /** The first reply to a command that no user is needed for, as bytes of BSON. */
  ask(command: Document): Promise<Buffer>;
  leave(): void;
  readonly closed: Promise<void>;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connectSocket(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  const received = (): Buffer => Buffer.concat(chunks);
  return {
    send: (bytes) => void socket.write(bytes),
    received,
    ask: async (command) => {
      chunks.length = 0;
      socket.write(opMsg(command));
      while (received().length < 4 || received().length < received().readInt32LE(0)) await once(socket, "data");
      return received().subarray(21);
    },
    leave: () => socket.destroySoon(),
    closed,
  };
}
