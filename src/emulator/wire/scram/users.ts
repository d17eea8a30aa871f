import { createHash, createHmac, randomBytes } from "node:crypto";
import { AspError } from "../../../diagnostics/asp-error.ts";
import type { Role } from "../../credentials.ts";
import { deriveCredentials, type Credential, type Credentials } from "./credentials.ts";
import { mechanisms, type Mechanism } from "./mechanisms.ts";

/** Somebody who may log in, with a password or with what was kept of one. */
export type WireUser = { readonly name: string; readonly role: Role } & (
  | { readonly password: string; readonly credentials?: never }
  | { readonly credentials: Credentials; readonly password?: never }
);

export interface KnownUser {
  readonly name: string;
  readonly role: Role;
}

/** Who may log in. */
export interface Users {
  /** Nobody has to. */
  readonly isOpen: boolean;
  /**
   * What a proof is to be checked with. For an unknown name that is made up, the same each time, so that the answer does not tell
   * that it is unknown.
   */
  find(name: string, mechanism: Mechanism): { readonly user: KnownUser | undefined; readonly credential: Credential };
}

/** @throws AspError ASP5352 for a user that nobody could log in as */
export async function createUsers(users: readonly WireUser[]): Promise<Users> {
  const known = new Map<string, { readonly user: KnownUser; readonly credentials: Credentials }>();
  const all = await Promise.all(
    users.map(async ({ name, role, password, credentials }) => ({
      user: { name, role },
      credentials: credentials ?? (await deriveCredentials(name, password)),
    })),
  );
  for (const one of all) {
    const { name } = one.user;
    if (name === "") throw new AspError("ASP5352", "a user of the wire endpoint has no name");
    if (known.has(name)) throw new AspError("ASP5352", `two users of the wire endpoint are named \`${name}\``);
    known.set(name, one);
  }
  const secret = secretOf(all.map(({ credentials }) => credentials));

  const makeUp = (name: string, mechanism: Mechanism): Credential => {
    const { hash, hashBytes, saltBytes, iterations } = mechanisms[mechanism];
    const salt = createHmac("sha512", secret).update(`${mechanism}\0${name}`).digest().subarray(0, saltBytes);
    const [first] = all;
    return {
      iterationCount: first?.credentials[mechanism].iterationCount ?? iterations,
      salt: salt.toString("base64"),
      // Nobody has the key to which this belongs.
      storedKey: createHash(hash).update(randomBytes(hashBytes)).digest("base64"),
      serverKey: randomBytes(hashBytes).toString("base64"),
    };
  };

  return {
    isOpen: users.length === 0,
    find: (name, mechanism) => {
      const madeUp = makeUp(name, mechanism);
      const found = known.get(name);
      return { user: found?.user, credential: found?.credentials[mechanism] ?? madeUp };
    },
  };
}

/** The same where the users' credentials are kept, and unknown to whoever has none of them. */
function secretOf(all: readonly Credentials[]): Uint8Array {
  if (all.length === 0) return randomBytes(32);
  const keys = all.map((credentials) => credentials["SCRAM-SHA-256"].serverKey);
  return createHash("sha512").update(keys.join("\0")).digest();
}
