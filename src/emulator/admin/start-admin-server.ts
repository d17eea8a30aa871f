import type { FastifyReply, FastifyRequest } from "fastify";
import { maskSecrets } from "../../diagnostics/mask-secrets.ts";
import { printable } from "../../diagnostics/printable.ts";
import type { AdminServer, AdminServerOptions } from "./admin-server-types.ts";
import { createAuthenticator } from "./auth/authenticate.ts";
import { createNonces } from "./auth/nonces.ts";
import { addTokenRoutes } from "./auth/token-routes.ts";
import { createTokens } from "./auth/tokens.ts";
import { createApp, listen, refuseOtherMethods } from "./create-app.ts";
import { addEmulatorRoutes } from "./emulator-routes.ts";
import { createFaultBook } from "./faults/fault-book.ts";
import { guardRequests } from "./guard-requests.ts";
import { ApiError } from "./http/api-error.ts";
import { createRequestChecks } from "./http/check-request.ts";
import { createRateLimiter, usualRateLimit } from "./http/rate-limiter.ts";
import { toRoutePattern } from "./http/route-path.ts";
import type { Operation, Params } from "./operation.ts";
import { operations } from "./operations/all-operations.ts";
import { notesOf, pathOf, stateOf } from "./request-state.ts";
import { sendError, sendPlannedRefusal, toRefusal } from "./send-error.ts";
import { serveOperation } from "./serve-operation.ts";

const apiPath = "/api/atlas/v2";

/** Opens the Admin API of a project. @throws AspError ASP5308 where the port is taken, ASP5371 where it cannot listen otherwise */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const {
    project,
    credentials,
    host = "127.0.0.1",
    port,
    now = Date.now,
    log,
    limits: { rate = usualRateLimit } = {},
  } = options;
  const tokens = createTokens(credentials.tokenKey, now);
  const authenticator = createAuthenticator(credentials, createNonces(now), tokens);
  const faults = createFaultBook(options.faults ?? []);
  const checkOf = createRequestChecks(options.strict ?? true);
  const app = createApp(options);
  const urls = new Set<string>();
  app.addHook("onRoute", ({ url }) => void urls.add(url));

  const note = (request: FastifyRequest, status: number): void => {
    const { startedMs, principal, note: text } = stateOf(request);
    const { door, operation } = notesOf(request);
    log?.({
      method: request.method,
      // A client may put into a query what belongs into a form.
      target: door === "token" ? pathOf(request) : request.originalUrl,
      status,
      ms: Math.round(performance.now() - startedMs),
      ...(principal && { who: principal.name }),
      ...(operation && { operation: operation.id }),
      ...(text !== undefined && { note: text }),
    });
  };
  const cut = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    note(request, 0);
    request.raw.socket.destroy();
  };

  guardRequests(app, { authenticator, limiter: createRateLimiter(rate, now), rate, faults, cut });
  app.addHook("onResponse", (request, reply, done) => {
    if (!reply.raw.destroyed || reply.raw.writableFinished) note(request, reply.statusCode);
    done();
  });
  app.setErrorHandler((error: unknown, request, reply) => {
    const refusal = toRefusal(error, request);
    if (refusal.cause !== undefined) stateOf(request).note = maskSecrets(printable(String(refusal.cause)));
    return sendError(reply, refusal);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    return sendError(
      reply,
      new ApiError(404, "RESOURCE_NOT_FOUND", `Cannot find resource ${path}.`, { parameters: [path] }),
    );
  });

  const serve = async (operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { principal, plan } = stateOf(request);
    if (principal === undefined) throw new Error("a request came past the guard");
    const { body, headers } = request;
    const answer = await serveOperation(
      {
        operation,
        principal,
        params: request.params as Params,
        query: request.query as Readonly<Record<string, unknown>>,
        accept: headers.accept,
        contentType: headers["content-type"],
        body: Buffer.isBuffer(body) ? body : undefined,
        self: selfOf(request),
        plan,
      },
      { project, checkOf, now },
    );
    if (plan.drop === "after") {
      cut(request, reply);
      return reply;
    }
    if (plan.refusal !== undefined) return sendPlannedRefusal(reply, plan.refusal);
    return reply.code(answer.status).headers(answer.headers).send(answer.payload);
  };

  addTokenRoutes(app, authenticator, tokens);
  addEmulatorRoutes(app, { project, faults, ...(options.clock && { clock: options.clock }) });
  for (const operation of operations) {
    app.route({
      method: operation.method,
      url: apiPath + toRoutePattern(operation.path),
      config: { operation },
      handler: (request, reply) => serve(operation, request, reply),
    });
  }
  refuseOtherMethods(app, new Set(urls));
  return { host, port: await listen(app, host, port), close: () => app.close() };
}

/** Where the client thinks it is; for links, which it follows. */
function selfOf({ protocol, host, originalUrl }: FastifyRequest): URL {
  const origin = URL.canParse(`${protocol}://${host}`) ? `${protocol}://${host}` : "http://localhost";
  return new URL(originalUrl, origin);
}
