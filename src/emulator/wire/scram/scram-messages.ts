import { AuthenticationFailed } from "./authentication-failed.ts";

export interface ClientFirst {
  readonly user: string;
  readonly nonce: string;
  /** What says whether and how the channel is bound; comes again in the last message. */
  readonly header: string;
  /** The rest, as it was sent: a part of what is proved. */
  readonly bare: string;
}

export interface ClientFinal {
  readonly binding: string;
  readonly nonce: string;
  readonly proof: Uint8Array;
  readonly withoutProof: string;
}

const mostBytes = 4096;

/** Source: RFC 5802, section 7. Channels are not bound; nobody acts for another user. @throws AuthenticationFailed */
export function parseClientFirst(payload: Uint8Array): ClientFirst {
  const [, header = "", bare = "", name, nonce = ""] =
    /^([ny],,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]{1,512}))$/u.exec(decode(payload)) ?? [];
  if (name === undefined) throw new AuthenticationFailed("a first message that is not as it must be");
  if (/=(?!2C|3D)/u.test(name)) throw new AuthenticationFailed("a name with an unknown escape");
  const user = name.replaceAll("=2C", ",").replaceAll("=3D", "=");
  return { user, nonce, header, bare };
}

/** @throws AuthenticationFailed */
export function parseClientFinal(payload: Uint8Array): ClientFinal {
  const [, withoutProof = "", binding = "", nonce = "", proof] =
    /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)),p=([A-Za-z0-9+/=]+)$/u.exec(decode(payload)) ?? [];
  if (proof === undefined) throw new AuthenticationFailed("a last message that is not as it must be");
  return { binding, nonce, proof: Buffer.from(proof, "base64"), withoutProof };
}

function decode(payload: Uint8Array): string {
  if (payload.length > mostBytes) throw new AuthenticationFailed("a message that is too long");
  return Buffer.from(payload).toString("utf8");
}
