import { createHmac, randomBytes } from "node:crypto";
import { isSameSecret } from "./same-secret.ts";

/** Source: asp-control-plane section 2. */
export const tokenLifetimeSeconds = 3600;

/** Access tokens of service accounts: signed, so that they are good after a restart with the same key. */
export interface Tokens {
  issue(clientId: string): string;
  /** Id of the client that a token was given to; undefined for one that is forged, expired or revoked. */
  read(token: string): string | undefined;
  /** It is no longer good, as long as this process runs. */
  revoke(token: string): void;
}

interface Claims {
  readonly sub: string;
  /** In seconds since the epoch. */
  readonly exp: number;
  readonly jti: string;
}

export function createTokens(key: string, now: () => number): Tokens {
  const revoked = new Map<string, number>();
  const sign = (text: string): string => createHmac("sha256", key).update(text).digest("base64url");

  const claimsOf = (token: string): Claims | undefined => {
    const [prefix = "", payload = "", signature = "", ...more] = token.split(".");
    if (more.length > 0 || !isSameSecret(signature, sign(`${prefix}.${payload}`))) return undefined;
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
    return now() / 1000 < claims.exp && !revoked.has(claims.jti) ? claims : undefined;
  };
  return {
    issue: (sub) => {
      const exp = Math.floor(now() / 1000) + tokenLifetimeSeconds;
      const claims: Claims = { sub, exp, jti: randomBytes(9).toString("base64url") };
      const text = `mdb_sa_tk.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
      return `${text}.${sign(text)}`;
    },
    read: (token) => claimsOf(token)?.sub,
    revoke: (token) => {
      const claims = claimsOf(token);
      if (claims === undefined) return;
      for (const [jti, exp] of revoked) if (exp < now() / 1000) revoked.delete(jti);
      revoked.set(claims.jti, claims.exp);
    },
  };
}
