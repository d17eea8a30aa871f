import { createHash } from "node:crypto";

/** Source: asp-control-plane section 2. */
const realm = "MMS Public API";

/** What a client sends to prove that it knows a password. RFC 7616, with MD5 and `qop=auth`. */
export interface DigestAnswer {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly qop: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly response: string;
}

/** The value of `WWW-Authenticate`. */
export function toChallenge(nonce: string, isStale: boolean): string {
  return `Digest realm="${realm}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${isStale}`;
}

/** Reads the value of `Authorization`; undefined where a part is missing, comes twice or is another scheme's. */
export function readDigest(header: string): DigestAnswer | undefined {
  const [, list] = /^Digest\s+(.*)$/is.exec(header) ?? [];
  if (list === undefined) return undefined;
  const parts = new Map<string, string>();
  let rest = list.trim();
  while (rest !== "") {
    const [whole, name = "", quoted, plain] =
      /^(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,\s*|$)/.exec(rest) ?? [];
    if (whole === undefined || parts.has(name.toLowerCase())) return undefined;
    parts.set(name.toLowerCase(), quoted === undefined ? (plain ?? "") : quoted.replaceAll(/\\(.)/g, "$1"));
    rest = rest.slice(whole.length);
  }
  const { algorithm = "MD5", ...answer } = Object.fromEntries(parts);
  const names = ["username", "realm", "nonce", "uri", "qop", "nc", "cnonce", "response"] as const;
  const isWhole = names.every((name) => typeof answer[name] === "string");
  const isKnown = algorithm.toUpperCase() === "MD5" && answer["qop"] === "auth" && answer["realm"] === realm;
  if (!isWhole || !isKnown || !/^[0-9a-f]{8}$/i.test(answer["nc"] ?? "")) return undefined;
  return Object.fromEntries(names.map((name) => [name, answer[name] ?? ""])) as unknown as DigestAnswer;
}

/** What `response` must be. */
export function digestResponse(
  { username, nonce, uri, qop, nc, cnonce }: Omit<DigestAnswer, "response" | "realm">,
  method: string,
  password: string,
): string {
  const ha1 = md5(`${username}:${realm}:${password}`);
  const ha2 = md5(`${method}:${uri}`);
  return md5([ha1, nonce, nc, cnonce, qop, ha2].join(":"));
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
