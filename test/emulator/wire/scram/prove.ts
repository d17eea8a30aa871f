import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** The last message of a client that knows the password, by SCRAM-SHA-256: written after RFC 5802, and not after the server. */
export function prove(challenge: Uint8Array, password: string, bare: string): string {
  const server = Buffer.from(challenge).toString();
  const [, nonce = "", salt = "", count = ""] = /^r=(.*),s=(.*),i=(.*)$/u.exec(server) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(count), 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest();
  const last = `c=biws,r=${nonce}`;
  const signature = createHmac("sha256", storedKey).update(`${bare},${server},${last}`).digest();
  return `${last},p=${Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString("base64")}`;
}
