import { randomBytes, randomUUID } from "node:crypto";
import type { Store } from "./project/store.ts";

/** `readWrite`: everything. `read`: what changes nothing. */
export type Role = "readWrite" | "read";

export interface User {
  readonly name: string;
  readonly password: string;
  readonly role: Role;
}

export interface ApiKey {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly role: Role;
}

export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly role: Role;
}

/** Who may come in, through which door. Secrets: never to be shown but where the user asked for the emulator's own. */
export interface Credentials {
  /** Of the wire endpoints. */
  readonly users: readonly [User, ...User[]];
  /** Of the Admin API, by digest. */
  readonly apiKeys: readonly [ApiKey, ...ApiKey[]];
  /** Of the Admin API, by OAuth client credentials. */
  readonly serviceAccounts: readonly [ServiceAccount, ...ServiceAccount[]];
  /** 32 bytes, hexadecimal: what access tokens are signed with. */
  readonly tokenKey: string;
}

const id = "credentials";

/** Those of the last time, so that clients go on to come in; at first made up. */
export async function loadCredentials(store: Store): Promise<Credentials> {
  const kept = await store.load<Credentials & { readonly _id: string }>("settings");
  const found = kept.find(({ _id }) => _id === id);
  if (found !== undefined) return found;
  const made = makeCredentials();
  await store.save("settings", { _id: id, ...made });
  return made;
}

/** In the forms that the service's own have. */
function makeCredentials(): Credentials {
  const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
  return {
    users: [{ name: "asp", password: hex(12), role: "readWrite" }],
    apiKeys: [{ publicKey: hex(4), privateKey: randomUUID(), role: "readWrite" }],
    serviceAccounts: [{ clientId: `mdb_sa_id_${hex(12)}`, clientSecret: `mdb_sa_sk_${hex(20)}`, role: "readWrite" }],
    tokenKey: hex(32),
  };
}
