import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { AuthenticationFailed } from "./authentication-failed.ts";
import { mechanisms, type Mechanism } from "./mechanisms.ts";
import { parseClientFinal, parseClientFirst } from "./scram-messages.ts";
import type { KnownUser, Users } from "./users.ts";

/** The server's part of a login, after the client's first message. */
export interface Conversation {
  /** Who wants to log in, known or not. */
  readonly userName: string;
  /** The server's answer to the first message. */
  readonly challenge: Uint8Array;
  /** @returns the user, and the server's own proof. @throws AuthenticationFailed */
  prove(clientFinal: Uint8Array): { readonly user: KnownUser; readonly proof: Uint8Array };
}

/**
 * Source: RFC 5802 and 7677.
 *
 * @throws AuthenticationFailed where the first message is no such message
 */
export function beginConversation(
  users: Users,
  mechanism: Mechanism,
  clientFirst: Uint8Array,
  serverNonce: string = randomBytes(24).toString("base64"),
): Conversation {
  const { hash } = mechanisms[mechanism];
  const { user: userName, nonce: clientNonce, header, bare } = parseClientFirst(clientFirst);
  const { user, credential } = users.find(userName, mechanism);
  const nonce = clientNonce + serverNonce;
  const challenge = `r=${nonce},s=${credential.salt},i=${credential.iterationCount}`;
  return {
    userName,
    challenge: Buffer.from(challenge),
    prove: (clientFinal) => {
      const final = parseClientFinal(clientFinal);
      const proved = `${bare},${challenge},${final.withoutProof}`;
      const storedKey = Buffer.from(credential.storedKey, "base64");
      const signature = createHmac(hash, storedKey).update(proved).digest();
      const clientKey = signature.map((byte, index) => byte ^ (final.proof[index] ?? 0));
      const isRight = isSame(createHash(hash).update(clientKey).digest(), storedKey);
      const isBound = isSame(Buffer.from(final.binding, "base64"), Buffer.from(header));
      const isSameNonce = isSame(Buffer.from(final.nonce), Buffer.from(nonce));
      const isWhole = final.proof.length === signature.length;
      if (user === undefined || !isRight || !isBound || !isSameNonce || !isWhole) {
        throw new AuthenticationFailed("a proof that is wrong");
      }
      const serverKey = Buffer.from(credential.serverKey, "base64");
      const proof = createHmac(hash, serverKey).update(proved).digest("base64");
      return { user, proof: Buffer.from(`v=${proof}`) };
    },
  };
}

/** Takes as long wherever they differ. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
