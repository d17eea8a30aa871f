import type { Project } from "../project-types.ts";
import type { AdminCredentials } from "./auth/principal.ts";
import type { Fault } from "./faults/fault.ts";
import type { RateLimit } from "./http/rate-limiter.ts";

/** What is noted of a request once it is answered. Nothing in it is secret. */
export interface AdminLogEntry {
  readonly method: string;
  /** As the client sent it, so that one who encodes colons is seen; without the query of the token endpoint. */
  readonly target: string;
  readonly status: number;
  readonly ms: number;
  /** Public key or client id; absent before it was known who asks. */
  readonly who?: string;
  readonly operation?: string;
  /** Why it failed, where that is no refusal: a bug, a cut connection, a fault on demand. */
  readonly note?: string;
}

export interface AdminLimits {
  /** Of a body; default 17 MB, a pipeline of 16 MB and what is around it. */
  readonly bodyBytes?: number;
  /** Of all headers together; default 16 kB. */
  readonly headerBytes?: number;
  /** At once; default 256. */
  readonly connections?: number;
  /** Until the headers are there; default 10 s. */
  readonly headersTimeoutMs?: number;
  /** Until the body is there, too; default 60 s. */
  readonly requestTimeoutMs?: number;
  /** Of a connection that has been used and waits; default 5 s. */
  readonly idleTimeoutMs?: number;
  /** Default 1200 a minute, shown and not enforced. */
  readonly rate?: RateLimit;
}

export interface AdminServerOptions {
  readonly project: Project;
  readonly credentials: AdminCredentials;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any that is free. */
  readonly port: number;
  /** PEM. Absent: plain http, which OAuth clients refuse. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Milliseconds since the epoch: tokens, nonces, rate limits and logs go by it. Default the clock. */
  readonly now?: () => number;
  /** That wait from the beginning. */
  readonly faults?: readonly Fault[];
  readonly log?: (entry: AdminLogEntry) => void;
  /** Engine time, where it stands still until it is moved on. */
  readonly clock?: { readonly now: () => number; readonly advance: (ms: number) => Promise<void> };
  readonly limits?: AdminLimits;
  /** False: fields that no schema knows are left out instead of refused. Default true. */
  readonly strict?: boolean;
}

export interface AdminServer {
  readonly host: string;
  readonly port: number;
  /** Ends connections, too. */
  close(): Promise<void>;
}
