import { createHash, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { BitString, Integer, OctetString, Utf8String } from "asn1js";
import {
  AltName,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  ExtKeyUsage,
  Extension,
  GeneralName,
} from "pkijs";

/** What a server that its clients do not know yet needs: all three are PEM. */
export interface Certificates {
  /** The authority that clients are to trust. Its own key is thrown away: it signs nothing more. */
  readonly ca: string;
  /** Of the server, signed by `ca`. */
  readonly cert: string;
  /** Of `cert`, PKCS #8. */
  readonly key: string;
}

export interface CertificateOptions {
  /** DNS names beside `localhost`. */
  readonly names?: readonly string[];
  /** Addresses beside 127.0.0.1 and ::1. */
  readonly ips?: readonly string[];
  /** Milliseconds since the epoch; default the present. */
  readonly nowMs?: number;
}

/** The longest that clients on Apple's systems accept. */
const validDays = 825;
const dayMs = 24 * 60 * 60 * 1000;
/** Kinds of names in a certificate. Source: RFC 5280, 4.2.1.6. */
const dnsName = 2;
const ipAddress = 7;
const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;

/**
 * Makes an authority for tests and a server's certificate, ECDSA with P-256.
 *
 * @throws TypeError for an address that is none, or a name that no certificate can hold
 */
export async function createCertificates({
  names = [],
  ips = [],
  nowMs = Date.now(),
}: CertificateOptions = {}): Promise<Certificates> {
  const alternatives = [
    ...unique(["localhost", ...names]).map((name) => new GeneralName({ type: dnsName, value: toDnsName(name) })),
    ...unique(["127.0.0.1", "::1", ...ips]).map(
      (ip) => new GeneralName({ type: ipAddress, value: new OctetString({ valueHex: toBytes(ip) }) }),
    ),
  ];
  const engine = new CryptoEngine({ name: "node", crypto: webcrypto });
  const [authority, server] = await Promise.all([generateKey(), generateKey()]);
  const [authorityId, serverId] = await Promise.all([keyIdOf(authority), keyIdOf(server)]);
  // Different each time: clients keep what they trust by its subject.
  const issuer = `asp emulator ${randomBytes(4).toString("hex")}`;
  const sign = async (subject: string, { publicKey }: webcrypto.CryptoKeyPair, extensions: readonly Extension[]) => {
    const certificate = new Certificate({ version: 2 });
    certificate.serialNumber = new Integer({ valueHex: positive(randomBytes(16)) });
    certificate.issuer.typesAndValues.push(commonName(issuer));
    certificate.subject.typesAndValues.push(commonName(subject));
    certificate.notBefore.value = new Date(nowMs - dayMs);
    certificate.notAfter.value = new Date(nowMs + (validDays - 1) * dayMs);
    certificate.extensions = [...extensions];
    await certificate.subjectPublicKeyInfo.importKey(publicKey, engine);
    await certificate.sign(authority.privateKey, "SHA-256", engine);
    return toPem("CERTIFICATE", certificate.toSchema(true).toBER());
  };
  const ca = await sign(issuer, authority, [
    extension("2.5.29.19", new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(), "critical"),
    extension("2.5.29.15", keyUsage(0x06, 1), "critical"),
    extension("2.5.29.14", new OctetString({ valueHex: authorityId })),
  ]);
  const cert = await sign("localhost", server, [
    extension("2.5.29.19", new BasicConstraints({ cA: false }).toSchema(), "critical"),
    extension("2.5.29.15", keyUsage(0x80, 7), "critical"),
    extension("2.5.29.37", new ExtKeyUsage({ keyPurposes: ["1.3.6.1.5.5.7.3.1"] }).toSchema()),
    extension("2.5.29.17", new AltName({ altNames: alternatives }).toSchema()),
    extension("2.5.29.14", new OctetString({ valueHex: serverId })),
    extension(
      "2.5.29.35",
      new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: authorityId }) }).toSchema(),
    ),
  ]);
  const key = toPem("PRIVATE KEY", await webcrypto.subtle.exportKey("pkcs8", server.privateKey));
  return { ca, cert, key };
}

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

async function generateKey(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** Source: RFC 5280, 4.2.1.2: any unique bytes will do. */
async function keyIdOf({ publicKey }: webcrypto.CryptoKeyPair): Promise<Uint8Array> {
  const bytes = await webcrypto.subtle.exportKey("spki", publicKey);
  return createHash("sha256").update(new Uint8Array(bytes)).digest().subarray(0, 20);
}

function commonName(text: string): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type: "2.5.4.3", value: new Utf8String({ value: text }) });
}

function extension(extnID: string, schema: { toBER(): ArrayBuffer }, critical?: "critical"): Extension {
  return new Extension({ extnID, critical: critical !== undefined, extnValue: schema.toBER() });
}

/** The first bits of a byte say what a key may do. Source: RFC 5280, 4.2.1.3. */
function keyUsage(bits: number, unusedBits: number): BitString {
  return new BitString({ valueHex: Uint8Array.of(bits), unusedBits });
}

/** A serial number is greater than zero. */
function positive(bytes: Uint8Array): Uint8Array {
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function toDnsName(name: string): string {
  const ascii = domainToASCII(name);
  if (ascii === "" || isIP(ascii) !== 0) throw new TypeError(`no DNS name: ${name}`);
  return ascii;
}

function toBytes(ip: string): Uint8Array {
  if (isIP(ip) === 4) return Uint8Array.from(ip.split("."), Number);
  if (isIP(ip) !== 6) throw new TypeError(`no IP address: ${ip}`);
  // The form in which every group is hexadecimal and the longest run of zeros is `::`.
  const [head = "", tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

function toPem(label: string, bytes: ArrayBuffer): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/gu) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
