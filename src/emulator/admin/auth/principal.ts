import type { Credentials, Role } from "../../credentials.ts";

/** Who may call the Admin API. Kept as a whole, so that tokens are good after a restart. */
export interface AdminCredentials extends Pick<Credentials, "tokenKey"> {
  readonly apiKeys: readonly Credentials["apiKeys"][number][];
  readonly serviceAccounts: readonly Credentials["serviceAccounts"][number][];
}

/** Who has sent a request. */
export interface Principal {
  /** Public key or client id: no secret. */
  readonly name: string;
  /** `admin` may do everything; `readOnly` is what the service calls Project Read Only. */
  readonly role: "admin" | "readOnly";
}

/** The service's own words for what a credential may do. */
export function toPrincipal(name: string, role: Role): Principal {
  return { name, role: role === "read" ? "readOnly" : "admin" };
}
