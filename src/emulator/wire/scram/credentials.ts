import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { saslprep } from "@mongodb-js/saslprep";
import { AspError } from "../../../diagnostics/asp-error.ts";
import { mechanismNames, mechanisms, type Mechanism } from "./mechanisms.ts";

/** What a server keeps of a password: enough to check a proof of it, not to make one. Texts are base64. Source: RFC 5802, section 3. */
export interface Credential {
  readonly iterationCount: number;
  readonly salt: string;
  readonly storedKey: string;
  readonly serverKey: string;
}

/** As `admin.system.users` of a server has them. */
export type Credentials = Readonly<Record<Mechanism, Credential>>;

const derive = promisify(pbkdf2);

/** @throws AspError ASP5352 for a password that SASLprep (RFC 4013) forbids */
export async function deriveCredentials(name: string, password: string): Promise<Credentials> {
  const [sha256, sha1] = await Promise.all(
    mechanismNames.map((mechanism) => deriveCredential(mechanism, name, password)),
  );
  if (sha256 === undefined || sha1 === undefined) throw new Error("a mechanism without a credential");
  return { "SCRAM-SHA-256": sha256, "SCRAM-SHA-1": sha1 };
}

async function deriveCredential(mechanism: Mechanism, name: string, password: string): Promise<Credential> {
  const { hash, hashBytes, saltBytes, iterations } = mechanisms[mechanism];
  const salt = randomBytes(saltBytes);
  const salted = await derive(toSecret(mechanism, name, password), salt, iterations, hashBytes, hash);
  const clientKey = createHmac(hash, salted).update("Client Key").digest();
  return {
    iterationCount: iterations,
    salt: salt.toString("base64"),
    storedKey: createHash(hash).update(clientKey).digest("base64"),
    serverKey: createHmac(hash, salted).update("Server Key").digest("base64"),
  };
}

/** The older mechanism proves a digest of the password. Source: MongoDB's authentication specification for drivers. */
function toSecret(mechanism: Mechanism, name: string, password: string): string {
  if (mechanism === "SCRAM-SHA-1") return createHash("md5").update(`${name}:mongo:${password}`).digest("hex");
  try {
    return saslprep(password);
  } catch {
    throw new AspError("ASP5352", `the password of the user \`${name}\` holds characters that no password may hold`, {
      help: "give a password of printable characters",
    });
  }
}
