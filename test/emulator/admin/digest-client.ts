import { createHash } from "node:crypto";
import type { Answer, TestApi } from "./support.ts";

export interface DigestRequest {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly password: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of the path. */
  readonly uri?: string;
  readonly nonce: string;
  readonly nc?: string;
}

/** The nonce of a challenge. */
export function nonceOf({ headers }: Answer): string {
  return /nonce="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ?? "";
}

/** Answers a challenge, written from RFC 7616 and not from our side of it. */
export async function sendDigest(api: TestApi, request: DigestRequest): Promise<Answer> {
  const { method, path, user, password, headers = {}, body, uri = path, nonce, nc = "00000001" } = request;
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const realm = "MMS Public API";
  const cnonce = "0a4f113b";
  const response = md5(
    `${md5(`${user}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`,
  );
  const authorization = `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`;
  return api.send(method, path, { headers: { ...headers, authorization }, ...(body === undefined ? {} : { body }) });
}
