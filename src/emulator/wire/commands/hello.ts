import { Double, type Document } from "bson";
import { documentBytesMax } from "../limits.ts";
import { compressor } from "../protocol/compression.ts";
import { mechanismNames } from "../scram/mechanisms.ts";
import { beginLogin } from "./begin-login.ts";
import { defineCommand, type CommandContext, type Request } from "./command.ts";

/** What drivers expect of a server of the version that `buildInfo` names. */
const wireVersion = 21;

/**
 * The handshake: a server that stands alone. Without `topologyVersion`, so that monitors ask again and do not wait; what else a client says
 * of itself is not looked at. Source: real-clients 2.2, asp-control-plane 6.2.
 */
export const hello = defineCommand({
  names: ["hello", "isMaster", "ismaster"],
  access: "anybody",
  run: ({ name, body }, context) => {
    const { endpoint, session } = context;
    const isOld = name !== "hello";
    const isBalanced = body["loadBalanced"] === true;
    const offered: unknown = body["compression"];
    const compression = Array.isArray(offered) && offered.includes(compressor.name) ? [compressor.name] : [];
    session.compresses ||= compression.length > 0;
    return {
      ...(isOld ? { ismaster: true } : { isWritablePrimary: true }),
      ...(body["helloOk"] === true && { helloOk: true }),
      maxBsonObjectSize: documentBytesMax,
      maxMessageSizeBytes: endpoint.limits.messageBytes,
      maxWriteBatchSize: 100_000,
      localTime: new Date(endpoint.now()),
      logicalSessionTimeoutMinutes: 30,
      minWireVersion: 0,
      maxWireVersion: wireVersion,
      readOnly: false,
      ...(isBalanced && { serviceId: endpoint.serviceId }),
      ...(compression.length > 0 && { compression }),
      // The same for every name: it does not tell who there is.
      ...(typeof body["saslSupportedMechs"] === "string" && { saslSupportedMechs: [...mechanismNames] }),
      ...speculate(body["speculativeAuthenticate"], context),
    };
  },
});

/** A login that begins with the handshake. Where it cannot begin, the client begins another. */
function speculate(value: unknown, context: CommandContext): Document {
  const body = value as Document | null | undefined;
  if (typeof body !== "object" || body === null || !("saslStart" in body) || context.session.user) return {};
  const db = typeof body["db"] === "string" ? body["db"] : "admin";
  const request: Request = { name: "saslStart", db, body };
  try {
    return { speculativeAuthenticate: { ...beginLogin(request, context), ok: new Double(1) } };
  } catch {
    return {};
  }
}
