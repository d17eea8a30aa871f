import type { Document, ObjectId } from "bson";
import type { WireLimits } from "../limits.ts";
import type { OpenSamples } from "../open-samples.ts";
import type { Users } from "../scram/users.ts";
import type { Session } from "../session.ts";
import type { WireTenant } from "../wire-tenant.ts";

/** Privileges as the service names them. Source: asp-control-plane 3.1. */
export type Action =
  | "createStreamProcessor"
  | "processStreamProcessor"
  | "startStreamProcessor"
  | "stopStreamProcessor"
  | "dropStreamProcessor"
  | "modifyStreamProcessor"
  | "sampleStreamProcessor"
  | "getStreamProcessor"
  | "listStreamProcessors"
  | "streamProcessorStats"
  | "listStreamConnections";

/** A command as it is read: numbers are plain where nothing is lost by it, key order is kept. */
export interface Request {
  /** As it was sent: the name of the first field. */
  readonly name: string;
  readonly db: string;
  readonly body: Document;
}

/** What is the same for all connections of an endpoint. */
export interface Endpoint {
  readonly tenant: WireTenant;
  readonly users: Users;
  readonly samples: OpenSamples;
  readonly limits: WireLimits;
  /** What a load balancer would call it. */
  readonly serviceId: ObjectId;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What becomes of options that no command has. */
  readonly unknownOptions: "refuse" | "ignore";
  /** One line each, never with a secret. */
  readonly log: (line: string) => void;
}

export interface CommandContext {
  readonly endpoint: Endpoint;
  readonly session: Session;
}

export interface WireCommand {
  /** The first is its own; the others are older ones. */
  readonly names: readonly [string, ...string[]];
  /** `anybody`: before a login, too. `user`: whoever has logged in. An action: whoever may do that, on the database `admin` only. */
  readonly access: "anybody" | "user" | { readonly action: Action };
  /** Too frequent for the audit log. */
  readonly isUnlogged?: true;
  /** The reply without `ok`. */
  readonly run: (request: Request, context: CommandContext) => Document | Promise<Document>;
}

/** @returns the command as it is, typed */
export function defineCommand(command: WireCommand): WireCommand {
  return command;
}
