import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface CuttingProxy {
  readonly port: number;
  /** The next request's connection is cut: `before` the request arrives, or `after` it arrived and before its reply does. */
  cutNext(when: "before" | "after"): void;
  /** The same after so many more pieces of requests. */
  cutAfter(pieces: number, when: "before" | "after"): void;
  /** Whether a cut that was asked for is still to come. */
  isArmed(): boolean;
}

/** Stands before an endpoint on loopback, and cuts a connection where it is told to. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  let armed: "before" | "after" | undefined;
  let passing = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let isDoomed = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (chunk) => {
      const when = passing > 0 ? undefined : armed;
      if (passing > 0) passing -= 1;
      else armed = undefined;
      if (when === "before") return end();
      isDoomed ||= when === "after";
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (isDoomed) return end();
      client.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cutNext: (when) => {
      [armed, passing] = [when, 0];
    },
    cutAfter: (pieces, when) => {
      [armed, passing] = [when, pieces];
    },
    isArmed: () => armed !== undefined,
  };
}
