import type { ConnectionRegistry, Tenant } from "../project-types.ts";

/** As much of a workspace as its clients reach through the wire. */
export interface WireTenant extends Pick<Tenant, "workspace" | "log"> {
  readonly connections: Pick<ConnectionRegistry, "list" | "find">;
}
