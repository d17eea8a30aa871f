import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Connection } from "../../../src/config/environment.ts";
import { noConnections, type Connections } from "../../../src/engine/connections.ts";

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestServer {
  readonly url: string;
  readonly received: readonly Received[];
  /** So many requests were answered at the same time, at most. */
  readonly mostAtOnce: () => number;
}

type Answer = (request: Received, response: ServerResponse) => unknown;

/** A server of HTTP on this machine, closed when the test ends. */
export async function serve(answer: Answer, port = 0): Promise<TestServer> {
  const received: Received[] = [];
  let atOnce = 0;
  let most = 0;
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    received.push(request);
    atOnce += 1;
    most = Math.max(most, atOnce);
    response.once("close", () => {
      atOnce -= 1;
    });
    await answer(request, response);
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port: own } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${own}`, received, mostAtOnce: () => most };
}

/** Answers with a value as JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** Connections with these settings. */
export function connectionsOf(settings: Readonly<Record<string, Connection>>): Connections {
  return {
    ...noConnections,
    settings: (name) => {
      const found = settings[name];
      if (found === undefined) throw new Error(`there is no connection ${name}`);
      return found;
    },
  };
}
