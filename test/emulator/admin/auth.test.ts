import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthenticator } from "../../../src/emulator/admin/auth/authenticate.ts";
import { digestResponse, readDigest, toChallenge } from "../../../src/emulator/admin/auth/digest.ts";
import { createNonces } from "../../../src/emulator/admin/auth/nonces.ts";
import { isSameSecret } from "../../../src/emulator/admin/auth/same-secret.ts";
import { createTokens } from "../../../src/emulator/admin/auth/tokens.ts";
import { createAdminCredentials } from "./credentials.ts";

const answer =
  'Digest username="Mufasa", realm="MMS Public API", nonce="abc", uri="/dir/index.html?a=1,b", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", algorithm=MD5';

describe("Digest", () => {
  test("is computed as RFC 7616 has it", () => {
    const parts = { username: "u", nonce: "n", uri: "/x?y=1", qop: "auth", nc: "00000001", cnonce: "c" };
    // By `printf '%s' … | md5sum`, step by step.
    expect(digestResponse(parts, "GET", "p")).toBe("adee2f39cca1587411e4ba1601b66a68");
  });

  test("is read with commas and quotes in its texts", () => {
    expect(readDigest(answer)).toMatchObject({ username: "Mufasa", uri: "/dir/index.html?a=1,b", nc: "00000001" });
    expect(readDigest(answer.replace("Mufasa", String.raw`a\"b\\c`))?.username).toBe(String.raw`a"b\c`);
  });

  test.each([
    ["another scheme", "Basic abc"],
    ["no qop", answer.replace(", qop=auth", "")],
    ["another qop", answer.replace("qop=auth", "qop=auth-int")],
    ["another realm", answer.replace("MMS Public API", "elsewhere")],
    ["another algorithm", answer.replace("MD5", "SHA-256")],
    ["a part twice", `${answer}, qop=auth`],
    ["a short count", answer.replace("00000001", "1")],
    ["no cnonce", answer.replace(', cnonce="0a4f113b"', "")],
    ["an open quote", answer.replace('abc"', "abc")],
  ])("is no answer with %s", (_, header) => expect(readDigest(header)).toBeUndefined());

  test("junk is no answer", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readDigest(`Digest ${text}`)).toBeUndefined();
      }),
    );
  });

  test("its challenge names realm, nonce and whether that is stale", () => {
    expect(toChallenge("n", false)).toBe(
      'Digest realm="MMS Public API", domain="", nonce="n", algorithm=MD5, qop="auth", stale=false',
    );
  });
});

describe("nonces", () => {
  test("are good for a time, and only those that were made here", () => {
    let time = 1000;
    const nonces = createNonces(() => time, 60_000);
    const nonce = nonces.issue();
    expect(nonces.ageOf(nonce)).toBe("fresh");
    time += 60_000;
    expect(nonces.ageOf(nonce)).toBe("fresh");
    time += 1;
    expect(nonces.ageOf(nonce)).toBe("expired");
    expect(createNonces(() => time).ageOf(nonce)).toBe("unknown");
    for (const forged of ["", "a.b.c", `0${nonce}`, nonce.slice(0, -1)]) expect(nonces.ageOf(forged)).toBe("unknown");
  });

  test("a count is taken once, and only where it rises", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 })), (counts) => {
        const nonces = createNonces(() => 0);
        const nonce = nonces.issue();
        const taken = counts.filter((count) => nonces.use(nonce, count));
        const highest = counts.filter((count, index) => counts.slice(0, index).every((before) => before < count));
        expect(taken).toEqual(highest);
      }),
    );
  });
});

describe("tokens", () => {
  test("are good for an hour, with the same key in another process, and until they are revoked", () => {
    let time = Date.UTC(2026, 0, 1);
    const tokens = createTokens("key", () => time);
    const token = tokens.issue("client");
    const elsewhere = createTokens("key", () => time);
    expect([tokens.read(token), elsewhere.read(token)]).toEqual(["client", "client"]);
    expect(createTokens("other", () => time).read(token)).toBeUndefined();
    time += 3599_000;
    expect(tokens.read(token)).toBe("client");
    const [other, revoked] = [tokens.issue("client"), tokens.issue("client")];
    tokens.revoke(revoked);
    expect([tokens.read(other), tokens.read(revoked)]).toEqual(["client", undefined]);
    time += 1000;
    expect(tokens.read(token)).toBeUndefined();
  });

  test("one that was changed anywhere is none", () => {
    const tokens = createTokens("key", () => 0);
    const token = tokens.issue("client");
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom("A", "b", "0", ".", "_"), (at, letter) => {
        fc.pre(token[at] !== letter);
        // The last character of base64url has bits that mean nothing.
        fc.pre(at < token.length - 1);
        expect(tokens.read(token.slice(0, at) + letter + token.slice(at + 1))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(tokens.read(text)).toBeUndefined();
      }),
    );
  });
});

describe("an API key", () => {
  const credentials = createAdminCredentials();
  const key = credentials.apiKeys[0];
  if (key === undefined) throw new Error("there are no keys");
  let time = 0;
  const nonces = createNonces(() => time, 1000);
  const authenticator = createAuthenticator(
    credentials,
    nonces,
    createTokens(credentials.tokenKey, () => time),
  );
  const target = "/api?x=1";
  const sign = (change: { readonly [part: string]: string } = {}): string => {
    const parts = {
      username: key.publicKey,
      nonce: "",
      uri: target,
      qop: "auth",
      nc: "00000001",
      cnonce: "c",
      ...change,
    };
    const response = change["response"] ?? digestResponse(parts, "GET", change["password"] ?? key.privateKey);
    const { username, nonce, uri, qop, nc, cnonce } = parts;
    return `Digest username="${username}", realm="MMS Public API", nonce="${nonce}", uri="${uri}", qop=${qop}, nc=${nc}, cnonce="${cnonce}", response="${response}"`;
  };
  const ask = (authorization: string | undefined) =>
    authenticator.authenticate({ method: "GET", target, authorization });
  const refusal = (authorization: string | undefined): string => {
    try {
      ask(authorization);
    } catch (error) {
      return (error as { readonly headers: Record<string, string> }).headers["www-authenticate"] ?? "";
    }
    return "no refusal";
  };

  test("opens with the right answer to a fresh nonce, once for a count", () => {
    const nonce = nonces.issue();
    expect(ask(sign({ nonce }))).toEqual({ name: key.publicKey, role: "admin" });
    expect(refusal(sign({ nonce }))).toContain("stale=true");
    expect(ask(sign({ nonce, nc: "00000002" })).role).toBe("admin");
    expect(refusal(sign({ nonce, nc: "00000001" }))).toContain("stale=true");
  });

  test.each([
    ["no answer", () => undefined],
    ["another password", () => sign({ nonce: nonces.issue(), password: "x" })],
    ["another user", () => sign({ nonce: nonces.issue(), username: "nobody" })],
    ["no user and no password", () => sign({ nonce: nonces.issue(), username: "", password: "" })],
    ["another address", () => sign({ nonce: nonces.issue(), uri: "/api" })],
    ["a nonce of its own", () => sign({ nonce: "mine", password: "x" })],
  ])("does not open with %s", (_, header) => expect(refusal(header())).toContain("stale=false"));

  test("is told to try again where only the nonce is too old", () => {
    const nonce = nonces.issue();
    time += 1001;
    expect(refusal(sign({ nonce }))).toContain("stale=true");
  });
});

test("secrets are the same or not, of whatever length", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(isSameSecret(a, b)).toBe(a === b);
    }),
  );
});
