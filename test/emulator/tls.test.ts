import { X509Certificate, createPrivateKey } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { createCertificates, type Certificates } from "../../src/emulator/tls.ts";

/** What a client that trusts `ca` says to a server with `certificates`, which it calls by `servername`. */
async function greet({ cert, key }: Certificates, ca: string, servername: string): Promise<string> {
  const server = createServer({ cert, key }, (socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, ca, servername });
  onTestFinished(() => void socket.destroy());
  const [data] = await once(socket, "data");
  return String(data);
}

test("a client that trusts the authority reaches the server by each of its names", async () => {
  const certificates = await createCertificates({ names: ["emulator.test"] });
  expect(await greet(certificates, certificates.ca, "localhost")).toBe("hello");
  expect(await greet(certificates, certificates.ca, "emulator.test")).toBe("hello");
  await expect(greet(certificates, certificates.ca, "other.test")).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});

test("another authority, though of the same form, is not trusted", async () => {
  const [one, other] = await Promise.all([createCertificates(), createCertificates()]);
  await expect(greet(one, other.ca, "localhost")).rejects.toThrow(/unable to verify|self-signed/u);
});

test("the certificate names the loopback addresses and those that are asked for", async () => {
  const { cert, ca, key } = await createCertificates({
    names: ["bücher.test", "localhost"],
    ips: ["10.1.2.3", "2001:db8::1:0", "::ffff:10.0.0.1"],
  });
  const leaf = new X509Certificate(cert);
  const authority = new X509Certificate(ca);
  expect(leaf.subjectAltName?.split(", ")).toEqual([
    "DNS:localhost",
    "DNS:xn--bcher-kva.test",
    "IP Address:127.0.0.1",
    "IP Address:0:0:0:0:0:0:0:1",
    "IP Address:10.1.2.3",
    "IP Address:2001:DB8:0:0:0:0:1:0",
    "IP Address:0:0:0:0:0:FFFF:A00:1",
  ]);
  expect([authority.ca, leaf.ca]).toEqual([true, false]);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
});

test("it is valid from the day before, for no longer than every client accepts", async () => {
  const { cert } = await createCertificates({ nowMs: Date.UTC(2026, 0, 2) });
  const { validFrom, validTo } = new X509Certificate(cert);
  expect(new Date(validFrom)).toEqual(new Date("2026-01-01T00:00:00Z"));
  expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(825 * 24 * 60 * 60 * 1000);
});

test.each([{ ips: ["10.0.0.256"] }, { ips: ["localhost"] }, { names: ["a b"] }, { names: ["10.0.0.1"] }])(
  "what no certificate can name is refused: %j",
  async (options) => {
    await expect(createCertificates(options)).rejects.toThrow(TypeError);
  },
);
