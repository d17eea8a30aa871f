import { createServer as createHttpServer, STATUS_CODES } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { fastify, type FastifyInstance, type HTTPMethods } from "fastify";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { AdminServerOptions } from "./admin-server-types.ts";
import { ApiError, toErrorBody } from "./http/api-error.ts";
import { toRoutePath } from "./http/route-path.ts";
import { writeJson } from "./http/write-json.ts";
import { sendError, toRefusal } from "./send-error.ts";

const methods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The HTTP server without its routes, with all its limits. */
export function createApp({ tls, limits = {}, log }: AdminServerOptions): FastifyInstance {
  const {
    bodyBytes = 17 * 1024 * 1024,
    headerBytes = 16 * 1024,
    connections = 256,
    headersTimeoutMs = 10_000,
    requestTimeoutMs = 60_000,
    idleTimeoutMs = 5000,
  } = limits;
  const serverOptions = {
    maxHeaderSize: headerBytes,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: idleTimeoutMs,
    // Node looks so often whether somebody is too slow.
    connectionsCheckingInterval: Math.min(1000, headersTimeoutMs),
  };
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1024 },
    serverFactory: (handler) =>
      tls === undefined
        ? createHttpServer(serverOptions, handler)
        : createHttpsServer({ ...serverOptions, ...tls, handshakeTimeout: headersTimeoutMs }, handler),
    rewriteUrl: ({ url = "/" }) => toRoutePath(url),
    clientErrorHandler: (error, socket) => {
      const status = refuseSocket(error, socket);
      log?.({ method: "", target: "", status, ms: 0, note: `no request: ${error.code}` });
    },
    frameworkErrors: (error, request, reply) => void sendError(reply, toRefusal(error, request)),
  });
  app.server.maxConnections = connections;
  app.decorateRequest("progress", null);
  // Bodies are read where it is known what they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  return app;
}

/** Refuses, on paths that there are, the methods that they do not have. Called when all routes are there. */
export function refuseOtherMethods(app: FastifyInstance, urls: ReadonlySet<string>): void {
  for (const url of urls) {
    const allowed = methods.filter((method) => app.hasRoute({ method, url }));
    app.route({
      method: methods.filter((method) => !allowed.includes(method)),
      url,
      handler: ({ method }) => {
        throw new ApiError(405, "METHOD_NOT_ALLOWED", `The method ${method} is not allowed for this resource.`, {
          headers: { allow: allowed.join(", ") },
        });
      },
    });
  }
}

/** @throws AspError ASP5308 where the port is taken, ASP5371 where it cannot be had otherwise */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const isTaken = (cause as { readonly code?: unknown }).code === "EADDRINUSE";
    throw new AspError(isTaken ? "ASP5308" : "ASP5371", `the Admin API cannot listen on ${host}:${port}: ${reason}`, {
      help: "take another port, or none for any that is free",
      cause,
    });
  }
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** Answers what is no request of HTTP, or too slow or too large for one, and hangs up. */
function refuseSocket({ code = "" }: { readonly code?: string }, socket: Socket): number {
  // Nothing can be said before the handshake is over.
  if (code === "ECONNRESET" || /^E(RR_(TLS|SSL)|PROTO)/.test(code)) {
    socket.destroy();
    return 0;
  }
  const status = code === "HPE_HEADER_OVERFLOW" ? 431 : code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const reason = STATUS_CODES[status] ?? "";
  if (socket.writable) {
    const body = writeJson(toErrorBody(new ApiError(status, "BAD_REQUEST", `${reason}.`)));
    const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
    socket.write(`${head}\r\nConnection: close\r\n\r\n${body}`);
  }
  socket.setTimeout(1000, () => socket.destroy());
  socket.destroySoon();
  return status;
}
