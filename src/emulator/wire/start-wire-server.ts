import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { ObjectId } from "bson";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Endpoint } from "./commands/command.ts";
import { serveConnection, type Served } from "./connection/serve-connection.ts";
import { defaultLimits, type WireLimits } from "./limits.ts";
import { createOpenSamples } from "./open-samples.ts";
import { isLoopback } from "../is-loopback.ts";
import { createUsers, type WireUser } from "./scram/users.ts";
import type { WireTenant } from "./wire-tenant.ts";

/** PEM, both. */
export interface WireTls {
  readonly cert: string;
  readonly key: string;
}

export interface WireServerOptions {
  readonly tenant: WireTenant;
  /** Who may log in. Nobody: whoever reaches it may do everything, which is possible on this machine's own addresses only. */
  readonly users: readonly WireUser[];
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, any that is free. */
  readonly port?: number;
  /** Absent: plain TCP. */
  readonly tls?: WireTls;
  readonly limits?: Partial<WireLimits>;
  /** What becomes of options that no command has; default `refuse`. */
  readonly unknownOptions?: Endpoint["unknownOptions"];
  /** One line each, never with a secret. */
  readonly log?: (line: string) => void;
  /** Milliseconds since the epoch, as clients are told; default the present. */
  readonly now?: () => number;
}

export interface WireServer {
  readonly host: string;
  readonly port: number;
  /** Ends what its clients look at, lets commands that run come to their end for a while, and frees the port. */
  close(): Promise<void>;
}

/**
 * Opens the wire endpoint of one workspace.
 *
 * @throws AspError ASP5308 where the port is taken, ASP5350 where the address cannot be had otherwise, ASP5351 where everybody could reach it, ASP5352 for a user that is none
 */
export async function startWireServer(options: WireServerOptions): Promise<WireServer> {
  const { tenant, host = "127.0.0.1", port = 0, tls, log = () => undefined, now = Date.now } = options;
  if (options.users.length === 0 && !isLoopback(host)) {
    throw new AspError("ASP5351", `the wire endpoint would be open to everybody who reaches ${host}`, {
      help: "name a user with a password, or listen on 127.0.0.1",
    });
  }
  const limits = { ...defaultLimits, ...options.limits };
  const samples = createOpenSamples(limits);
  const endpoint: Endpoint = {
    tenant,
    users: await createUsers(options.users),
    samples,
    limits,
    serviceId: new ObjectId(),
    now,
    unknownOptions: options.unknownOptions ?? "refuse",
    log,
  };
  const server = tls === undefined ? createServer() : createTlsServer(tlsOptions(tls, limits));
  server.maxConnections = limits.connections;
  server.on("drop", (from) =>
    log(`${from?.remoteAddress ?? "?"}: refused: there are ${limits.connections} connections`),
  );
  server.on("tlsClientError", (error, socket) => {
    log(`${socket.remoteAddress ?? "?"}: no TLS: ${"code" in error ? String(error.code) : error.name}`);
    socket.destroy();
  });
  const served = new Set<Served>();
  const sockets = trackSockets(server);
  server.on(tls === undefined ? "connection" : "secureConnection", (socket) => {
    socket.setNoDelay(true);
    const one = serveConnection(socket, endpoint);
    served.add(one);
    void one.ended.then(() => served.delete(one));
  });
  const address = await listen(server, host, port);
  server.on("error", (error) => log(`the wire endpoint cannot accept a connection: ${error.message}`));

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const one of served) one.end();
    const late = new AbortController();
    const allEnded = Promise.all([...served].map(({ ended }) => ended));
    await Promise.race([allEnded, sleep(limits.closeMs, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    sockets.destroy();
    await Promise.all([closed, samples.close()]);
  };
  return { host, port: address.port, close: () => (closing ??= close()) };
}

function tlsOptions({ cert, key }: WireTls, { handshakeMs }: WireLimits) {
  return { cert, key, handshakeTimeout: handshakeMs, minVersion: "TLSv1.2" } as const;
}

/** Also those whose TLS has not begun yet. */
function trackSockets(server: Server): { readonly destroy: () => void } {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Without a listener a client that is torn away would end this process.
    socket.on("error", () => undefined);
  });
  return {
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const reason = reasons[code] ?? message;
    throw new AspError(
      code === "EADDRINUSE" ? "ASP5308" : "ASP5350",
      `the wire endpoint cannot listen on ${host}:${port}: ${reason}`,
      { cause: error },
    );
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address");
  return address;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EACCES: "this user may not use the port",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "the name has no address",
};
