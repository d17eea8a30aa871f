import { createHmac, randomBytes } from "node:crypto";
import { isSameSecret } from "./same-secret.ts";

/** Nonces of HTTP Digest. One is signed, so that a flood of challenges takes no memory; its counter is kept once it was used. */
export interface Nonces {
  issue(): string;
  /** `unknown`: not made here, or by another process. */
  ageOf(nonce: string): "fresh" | "expired" | "unknown";
  /** Takes note of a count that came with a right answer. @returns false where it has not risen */
  use(nonce: string, count: number): boolean;
}

/** @param lifetimeMs how long one is good for */
export function createNonces(now: () => number, lifetimeMs = 5 * 60_000): Nonces {
  const key = randomBytes(32);
  const counts = new Map<string, { readonly count: number; readonly issuedMs: number }>();
  const sign = (text: string): string => createHmac("sha256", key).update(text).digest("base64url").slice(0, 22);

  const issuedMsOf = (nonce: string): number | undefined => {
    const [time = "", random = "", signature = ""] = nonce.split(".");
    return isSameSecret(signature, sign(`${time}.${random}`)) ? Number.parseInt(time, 36) : undefined;
  };
  const forgetExpired = (): void => {
    for (const [nonce, { issuedMs }] of counts) {
      if (now() - issuedMs > lifetimeMs) counts.delete(nonce);
    }
  };
  return {
    issue: () => {
      const text = `${now().toString(36)}.${randomBytes(9).toString("base64url")}`;
      return `${text}.${sign(text)}`;
    },
    ageOf: (nonce) => {
      const issuedMs = issuedMsOf(nonce);
      if (issuedMs === undefined) return "unknown";
      return now() - issuedMs > lifetimeMs ? "expired" : "fresh";
    },
    use: (nonce, count) => {
      const known = counts.get(nonce);
      if (known !== undefined && count <= known.count) return false;
      if (known === undefined) forgetExpired();
      counts.set(nonce, { count, issuedMs: known?.issuedMs ?? issuedMsOf(nonce) ?? now() });
      return true;
    },
  };
}
