import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { AspError } from "../diagnostics/asp-error.ts";
import { createCertificates } from "./tls.ts";
import { makeFolder } from "../mongod/make-folder.ts";

/** PEM texts of an endpoint, and the file that clients are to trust. */
export interface EndpointCertificates {
  readonly cert: string;
  readonly key: string;
  /** The authority that made `cert`, for clients of this emulator alone. */
  readonly ca: string;
  readonly caFile: string;
}

const loopback = ["127.0.0.1", "::1"];
/** One that ends sooner is made anew. */
const leastLeftMs = 24 * 60 * 60 * 1000;

/** Those of the last time in this folder, so that clients go on to trust it, where they are good for the host; else new ones. @throws AspError ASP5311 where they cannot be kept */
export async function loadCertificates(folder: string, host: string): Promise<EndpointCertificates> {
  const own = join(folder, "tls");
  const caFile = join(own, "ca.pem");
  const kept = await readAll(own);
  if (kept !== undefined && isGood(kept, host)) return { ...kept, caFile };
  const isAddress = isIP(host) !== 0;
  const made = await createCertificates({
    names: ["localhost", ...(isAddress || host === "localhost" ? [] : [host])],
    ips: [...new Set([...loopback, ...(isAddress ? [host] : [])])],
  });
  try {
    makeFolder(own);
    // The mode is for a new file only.
    await rm(join(own, "key.pem"), { force: true });
    await writeFile(join(own, "key.pem"), made.key, { mode: 0o600 });
    await writeFile(join(own, "cert.pem"), made.cert);
    await writeFile(caFile, made.ca);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AspError("ASP5311", `cannot write certificates to the folder ${own}: ${reason}`, { cause });
  }
  return { ...made, caFile };
}

async function readAll(folder: string): Promise<Omit<EndpointCertificates, "caFile"> | undefined> {
  try {
    const [ca, cert, key] = await Promise.all(
      ["ca.pem", "cert.pem", "key.pem"].map((name) => readFile(join(folder, name), "utf8")),
    );
    return ca === undefined || cert === undefined || key === undefined ? undefined : { ca, cert, key };
  } catch {
    return undefined;
  }
}

/** Also of one whole: a crash may have left a new one beside old ones. */
function isGood({ ca, cert, key }: Omit<EndpointCertificates, "caFile">, host: string): boolean {
  try {
    const read = new X509Certificate(cert);
    if (!read.checkPrivateKey(createPrivateKey(key)) || !read.verify(new X509Certificate(ca).publicKey)) return false;
    const names = isIP(host) === 0 ? read.checkHost(host) : read.checkIP(host);
    return names !== undefined && Date.parse(read.validTo) - Date.now() > leastLeftMs;
  } catch {
    return false;
  }
}
