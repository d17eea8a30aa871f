import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Authenticator } from "./auth/authenticate.ts";
import type { Principal } from "./auth/principal.ts";
import { noFault } from "./faults/decide-faults.ts";
import type { FaultBook } from "./faults/fault-book.ts";
import { ApiError } from "./http/api-error.ts";
import type { RateLimit, RateLimiter } from "./http/rate-limiter.ts";
import { notesOf, pathOf, stateOf } from "./request-state.ts";
import { sendPlannedRefusal } from "./send-error.ts";

export interface GuardParts {
  readonly authenticator: Authenticator;
  readonly limiter: RateLimiter;
  readonly rate: RateLimit;
  readonly faults: FaultBook;
  readonly cut: (request: FastifyRequest, reply: FastifyReply) => void;
}

/** What happens to every request before its body is read: who is it, how often, may it, and which faults does it meet. */
export function guardRequests(app: FastifyInstance, parts: GuardParts): void {
  app.addHook("onRequest", async (request, reply) => {
    const state = stateOf(request);
    const { door, operation } = notesOf(request);
    if (door !== "token") {
      const { method, originalUrl: target } = request;
      const principal = parts.authenticator.authenticate({
        method,
        target,
        authorization: request.headers.authorization,
      });
      state.principal = principal;
      checkRate(parts, principal, pathOf(request), reply);
      // What nothing is said of is not for everybody.
      const isForReaders = operation?.needs === "reader" || request.is404;
      if (!isForReaders && principal.role === "readOnly") throw forbidden;
    }
    // The way to take a fault away meets none.
    if (door !== "emulator") await meetFaults(request, reply, parts);
  });
}

const forbidden = new ApiError(403, "USER_UNAUTHORIZED", "Current user is not authorized to perform this action.");

async function meetFaults(request: FastifyRequest, reply: FastifyReply, { faults, cut }: GuardParts): Promise<void> {
  const state = stateOf(request);
  const plan = faults.meet({
    method: request.method,
    path: pathOf(request),
    operation: notesOf(request).operation?.id,
  });
  if (plan === noFault) return;
  state.plan = plan;
  state.note = "a fault on demand";
  if (plan.lagMs > 0) await sleep(plan.lagMs);
  if (plan.drop === "before") cut(request, reply);
  else if (plan.refusal !== undefined && !plan.isApplied) await sendPlannedRefusal(reply, plan.refusal);
}

function checkRate({ limiter, rate }: GuardParts, { name }: Principal, path: string, reply: FastifyReply): void {
  const { limit, remaining, retryAfterSeconds } = limiter.take(name);
  void reply.headers({ "ratelimit-limit": limit, "ratelimit-remaining": remaining });
  if (retryAfterSeconds === undefined || rate.enforced !== true) return;
  const { capacity, refillPerMinute } = rate;
  throw new ApiError(
    429,
    "RATE_LIMITED_TOKEN_BUCKET",
    `Too many requests to ${path}: retry after ${retryAfterSeconds} seconds. Request capacity: ${capacity}. ` +
      `Refill rate: ${refillPerMinute} per 60 seconds.`,
    {
      parameters: [path, retryAfterSeconds, capacity, refillPerMinute, 60],
      headers: { "retry-after": String(retryAfterSeconds) },
    },
  );
}
