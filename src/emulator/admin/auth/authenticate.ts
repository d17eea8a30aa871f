import { ApiError } from "../http/api-error.ts";
import type { ApiKey, ServiceAccount } from "../../credentials.ts";
import { toPrincipal, type AdminCredentials, type Principal } from "./principal.ts";
import { digestResponse, readDigest, toChallenge } from "./digest.ts";
import type { Nonces } from "./nonces.ts";
import { isSameSecret } from "./same-secret.ts";
import type { Tokens } from "./tokens.ts";

export interface RequestToAuthenticate {
  readonly method: string;
  /** As the client sent it, with the query. */
  readonly target: string;
  /** Value of `Authorization`. */
  readonly authorization: string | undefined;
}

export interface Authenticator {
  /** @throws ApiError 401, with a challenge where Digest may be tried */
  authenticate(request: RequestToAuthenticate): Principal;
  /** The service account that a value of `Authorization` with the Basic scheme names; undefined for wrong ones. */
  readBasic(authorization: string | undefined): ServiceAccount | undefined;
}

export function createAuthenticator(credentials: AdminCredentials, nonces: Nonces, tokens: Tokens): Authenticator {
  const refuse = (detail: string, isStale = false): ApiError =>
    new ApiError(401, "USER_UNAUTHORIZED", detail, {
      headers: { "www-authenticate": toChallenge(nonces.issue(), isStale) },
    });

  const byDigest = ({ method, target }: RequestToAuthenticate, header: string): Principal => {
    const answer = readDigest(header);
    if (answer === undefined) throw refuse("The Authorization header is no answer to the challenge.");
    const key = findOrDecoy(credentials.apiKeys, ({ publicKey }) => publicKey === answer.username, noKey);
    const expected = digestResponse(answer, method, key.privateKey);
    const isRight = isSameSecret(answer.response.toLowerCase(), expected) && key !== noKey;
    const age = nonces.ageOf(answer.nonce);
    // Said only to who knows the password: the client asks its user for nothing, and tries again.
    if (age !== "fresh") throw refuse("The nonce is not known or has expired.", isRight);
    if (!isRight || answer.uri !== target) throw refuse("You are not authorized for this resource.");
    if (!nonces.use(answer.nonce, Number.parseInt(answer.nc, 16))) throw refuse("The nonce count has not risen.", true);
    return toPrincipal(key.publicKey, key.role);
  };

  const byToken = (token: string): Principal => {
    const clientId = tokens.read(token);
    const account = credentials.serviceAccounts.find((each) => each.clientId === clientId);
    if (account === undefined) {
      throw new ApiError(401, "USER_UNAUTHORIZED", "The access token is invalid, has expired or was revoked.", {
        headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      });
    }
    return toPrincipal(account.clientId, account.role);
  };

  return {
    authenticate: (request) => {
      const { authorization } = request;
      if (authorization === undefined) throw refuse("You are not authorized for this resource.");
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      return token === undefined ? byDigest(request, authorization) : byToken(token);
    },
    readBasic: (authorization) => {
      const [, encoded] = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? "") ?? [];
      if (encoded === undefined) return undefined;
      const text = Buffer.from(encoded, "base64").toString("utf8");
      const colonAt = text.indexOf(":");
      const [clientId, secret] = [text.slice(0, Math.max(0, colonAt)), text.slice(colonAt + 1)];
      const account = findOrDecoy(credentials.serviceAccounts, (each) => each.clientId === clientId, noAccount);
      return isSameSecret(secret, account.clientSecret) && account !== noAccount ? account : undefined;
    },
  };
}

/** Stand for who is not known, so that an unknown name takes as long as a wrong secret. */
const noKey: ApiKey = { publicKey: "", privateKey: "", role: "read" };
const noAccount: ServiceAccount = { clientId: "", clientSecret: "", role: "read" };

function findOrDecoy<Item>(items: readonly Item[], isWanted: (item: Item) => boolean, decoy: Item): Item {
  return items.find(isWanted) ?? decoy;
}
