import { randomBytes, randomUUID } from "node:crypto";
import type { AdminCredentials } from "../../../src/emulator/admin/auth/principal.ts";

/** New ones, of the forms that the service gives: one API key and one service account of each role. */
export function createAdminCredentials(): AdminCredentials {
  const roles = ["readWrite", "read"] as const;
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
