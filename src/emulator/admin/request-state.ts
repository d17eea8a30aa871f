import type { FastifyRequest } from "fastify";
import type { Principal } from "./auth/credentials.ts";
import { noFault, type FaultPlan } from "./faults/decide-faults.ts";
import type { Operation } from "./operation.ts";

/** What is known of a request on its way. */
export interface RequestState {
  readonly startedMs: number;
  principal?: Principal;
  plan: FaultPlan;
  /** For the log. */
  note?: string;
}

const states = new WeakMap<FastifyRequest, RequestState>();

export function stateOf(request: FastifyRequest): RequestState {
  const known = states.get(request);
  if (known !== undefined) return known;
  const made: RequestState = { startedMs: performance.now(), plan: noFault };
  states.set(request, made);
  return made;
}

/** The operation that its route belongs to. */
export function operationOf({ routeOptions }: FastifyRequest): Operation | undefined {
  return (routeOptions.config as { readonly operation?: Operation }).operation;
}

/** As the client sent it, without the query. */
export function pathOf({ originalUrl }: FastifyRequest): string {
  return originalUrl.split("?")[0] ?? "";
}
