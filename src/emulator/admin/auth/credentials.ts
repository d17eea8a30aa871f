import { randomBytes, randomUUID } from "node:crypto";

/** `admin` may do everything; `readOnly` is what the service calls Project Read Only. */
export type Role = "admin" | "readOnly";

/** For HTTP Digest. */
export interface ApiKey {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly role: Role;
}

/** For OAuth2 client credentials. */
export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly role: Role;
}

/** Who may call the Admin API. Kept as a whole, so that tokens are good after a restart. */
export interface AdminCredentials {
  readonly apiKeys: readonly ApiKey[];
  readonly serviceAccounts: readonly ServiceAccount[];
  /** Signs access tokens. */
  readonly tokenKey: string;
}

/** Who has sent a request. */
export interface Principal {
  /** Public key or client id: no secret. */
  readonly name: string;
  readonly role: Role;
}

/** New ones, of the forms that the service gives: one API key and one service account of each role. */
export function createAdminCredentials(): AdminCredentials {
  const roles = ["admin", "readOnly"] as const;
  return {
    apiKeys: roles.map((role) => ({ publicKey: randomLetters(8), privateKey: randomUUID(), role })),
    serviceAccounts: roles.map((role) => ({
      clientId: `mdb_sa_id_${randomBytes(12).toString("hex")}`,
      clientSecret: `mdb_sa_sk_${randomBytes(30).toString("base64url")}`,
      role,
    })),
    tokenKey: randomBytes(32).toString("base64url"),
  };
}

function randomLetters(count: number): string {
  return [...randomBytes(count)].map((byte) => String.fromCodePoint(97 + (byte % 26))).join("");
}
