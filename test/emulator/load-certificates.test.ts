import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadCertificates, type EndpointCertificates } from "../../src/emulator/load-certificates.ts";
import { createCertificates } from "../../src/emulator/tls.ts";

const host = "127.0.0.1";

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "asp-tls-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function demandWhole({ ca, cert, key }: EndpointCertificates): void {
  const own = new X509Certificate(cert);
  expect(own.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(own.verify(new X509Certificate(ca).publicKey)).toBe(true);
}

test("certificates stay the same in their folder, with a key for nobody else", async () => {
  const folder = await freshFolder();
  const first = await loadCertificates(folder, host);
  expect(await loadCertificates(folder, host)).toEqual(first);
  expect((await stat(join(folder, "tls", "key.pem"))).mode & 0o077).toBe(0);
});

test("one that is not for the address is made anew", async () => {
  const folder = await freshFolder();
  const first = await loadCertificates(folder, host);
  const second = await loadCertificates(folder, "10.0.0.1");
  expect(second.cert).not.toBe(first.cert);
  demandWhole(second);
});

test.each(["key.pem", "cert.pem", "ca.pem"] as const)(
  "where a crash has left another %s than the rest, all are made anew",
  async (name) => {
    const folder = await freshFolder();
    await loadCertificates(folder, host);
    const { ca, cert, key } = await createCertificates();
    await writeFile(join(folder, "tls", name), { "key.pem": key, "cert.pem": cert, "ca.pem": ca }[name]);
    demandWhole(await loadCertificates(folder, host));
  },
);
