import type { FastifyRequest } from "fastify";
import type { Principal } from "./auth/principal.ts";
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

export function stateOf(request: FastifyRequest): RequestState {
  return (request.progress ??= { startedMs: performance.now(), plan: noFault });
}

/** What is said of a route where it is added. */
export interface RouteNotes {
  readonly operation?: Operation;
  /** `token`: who asks for a token, and needs none. `emulator`: the emulator's own, for who may do everything. */
  readonly door?: "token" | "emulator";
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null until {@link stateOf} is first asked. */
    progress: RequestState | null;
  }
  interface FastifyContextConfig {
    readonly operation?: Operation;
    readonly door?: "token" | "emulator";
  }
}

/** Of the route that was found, however the client wrote its path; nothing where none was. */
export function notesOf({ routeOptions }: FastifyRequest): RouteNotes {
  return routeOptions.config;
}

/** As the client sent it, without the query. */
export function pathOf({ originalUrl }: FastifyRequest): string {
  return originalUrl.split("?")[0] ?? "";
}
