import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** How requests show who sends them. */
export interface Authorization {
  /** Value of the header; undefined where the server has to ask first. */
  header(request: { readonly method: string; readonly path: string }): Promise<string | undefined>;
  /** Told of a 401 and the header that met it: true where another attempt makes sense. */
  learn(headers: IncomingHttpHeaders, sent: string | undefined): boolean;
  /** Told of a header that was taken. */
  accepted?(sent: string | undefined): void;
}

/** An API key: HTTP Digest, MD5, `qop=auth`. Source: asp-control-plane section 2; RFC 7616. */
export function createDigest({
  publicKey,
  privateKey,
}: {
  readonly publicKey: string;
  readonly privateKey: string;
}): Authorization {
  let challenge: { readonly realm: string; readonly nonce: string } | undefined;
  let count = 0;
  return {
    header: ({ method, path }) => {
      if (challenge === undefined) return Promise.resolve(undefined);
      const { realm, nonce } = challenge;
      count += 1;
      const nc = count.toString(16).padStart(8, "0");
      const cnonce = randomBytes(8).toString("hex");
      const response = md5(
        [md5(`${publicKey}:${realm}:${privateKey}`), nonce, nc, cnonce, "auth", md5(`${method}:${path}`)].join(":"),
      );
      return Promise.resolve(
        `Digest username="${publicKey}", realm="${realm}", nonce="${nonce}", uri="${path}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`,
      );
    },
    learn: (headers, sent) => {
      const asked = headers["www-authenticate"] ?? "";
      const [, realm] = /realm="([^"]*)"/u.exec(asked) ?? [];
      const [, nonce] = /nonce="([^"]*)"/u.exec(asked) ?? [];
      if (!/^digest/iu.test(asked) || realm === undefined || nonce === undefined) return false;
      challenge = { realm, nonce };
      count = 0;
      return sent === undefined || /stale="?true/iu.test(asked);
    },
  };
}

/** A service account's token, asked for when it is first needed and again when the server takes it no more. */
export function createBearer(fetchToken: () => Promise<string>): Authorization {
  let token: Promise<string> | undefined;
  let current: string | undefined;
  /** It was asked for since another was refused, and has not been taken yet. */
  let isOnTrial = false;
  return {
    header: async () => {
      const asked = (token ??= fetchToken());
      try {
        current = `Bearer ${await asked}`;
        return current;
      } catch (error) {
        if (token === asked) token = undefined;
        throw error;
      }
    },
    learn: (_, sent) => {
      // Another request has heard of it before.
      if (sent !== current) return true;
      // A second one that is refused has not just expired.
      if (isOnTrial) return false;
      isOnTrial = true;
      token = undefined;
      current = undefined;
      return true;
    },
    accepted: (sent) => {
      if (sent === current) isOnTrial = false;
    },
  };
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
