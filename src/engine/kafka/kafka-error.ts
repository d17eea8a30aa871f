import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { unknownTopic } from "./topic-errors.ts";

/** An error of the client: it says what it is in fields, and may hold others. */
interface ClientError {
  readonly code?: unknown;
  readonly message?: unknown;
  /** Name of the protocol's own error. */
  readonly apiId?: unknown;
  readonly serverErrorMessage?: unknown;
  readonly canRetry?: unknown;
  readonly path?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const certificateCodes =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|ERR_OSSL_.*)$/;
const authentication: ReadonlySet<unknown> = new Set([
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "ILLEGAL_SASL_STATE",
]);
const authorization = /_AUTHORIZATION_FAILED$/;
/** What the client does not count as passing, and what does pass when brokers come and go. */
const passing: ReadonlySet<unknown> = new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "UNKNOWN_TOPIC_ID",
  "INCONSISTENT_TOPIC_ID",
  "UNKNOWN_LEADER_EPOCH",
  "FENCED_LEADER_EPOCH",
  "OFFSET_NOT_AVAILABLE",
  "REBALANCE_IN_PROGRESS",
]);

/** What an error of the client means for a connection's user. Its own texts hold no secret: they name hosts and protocol errors. */
export function toKafkaError(error: unknown, connection: string): AspError {
  const all = flatten(error);
  const own = all.find(isAspError);
  if (own !== undefined) return own;
  const has = (test: (each: ClientError) => boolean): boolean => all.some(test);
  const options = { cause: error };

  if (has(({ code, apiId }) => code === "PLT_KFK_AUTHENTICATION" || authentication.has(apiId))) {
    return new AspError("ASP4137", `The Kafka brokers of the connection \`${connection}\` refuse the credentials`, {
      ...options,
      help: "check `authentication`: mechanism, username and password",
    });
  }
  const certificate = all.find(({ code }) => typeof code === "string" && certificateCodes.test(code));
  if (certificate !== undefined) {
    return new AspError(
      "ASP4138",
      `TLS with the Kafka brokers of the connection \`${connection}\` fails: ${String(certificate.message)}`,
      { ...options, help: "check `security.brokerPublicCertificate` and the certificates in `authentication`" },
    );
  }
  const topic = all.flatMap(({ message }) => /^Unknown topic (.+)\.$/.exec(String(message))?.[1] ?? [])[0];
  if (topic !== undefined) return unknownTopic(topic);
  if (has(({ code }) => code === "PLT_KFK_UNSUPPORTED_COMPRESSION")) {
    return new AspError(
      "ASP5124",
      `A topic of the connection \`${connection}\` holds messages compressed with zstd, which this Node cannot read`,
      {
        ...options,
        help: "run asp with Node 22.15 or newer, or have producers compress with another algorithm",
      },
    );
  }
  const reason = reasonOf(all);
  if (has(({ code }) => code === "PLT_KFK_UNSUPPORTED_API")) {
    return new AspError(
      "ASP5123",
      `The Kafka brokers of the connection \`${connection}\` speak an older protocol: ${reason}`,
      {
        ...options,
        help: "use brokers of Kafka 2.8 or newer",
      },
    );
  }
  if (has(({ apiId }) => typeof apiId === "string" && authorization.test(apiId))) {
    return new AspError("ASP5123", `The Kafka brokers of the connection \`${connection}\` refuse: ${reason}`, {
      ...options,
      help: "give the user of the connection the right to it",
    });
  }
  if (isPassing(all)) {
    return new AspError("ASP5120", `The Kafka brokers of the connection \`${connection}\` do not answer: ${reason}`, {
      ...options,
      help: "check that they run, and that `bootstrapServers` and the listeners that they name can be reached from here",
      retryable: true,
    });
  }
  return new AspError("ASP5123", `The Kafka brokers of the connection \`${connection}\` refuse: ${reason}`, options);
}

/** True if the error, or one that it holds, is this one of the protocol. */
export function isProtocolError(error: unknown, ...names: readonly string[]): boolean {
  return flatten(error).some(({ apiId }) => names.includes(String(apiId)));
}

/** True while brokers agree on who leads what, or a new topic comes into being. */
export function isSettling(error: unknown): boolean {
  return isProtocolError(
    error,
    "LEADER_NOT_AVAILABLE",
    "NOT_LEADER_OR_FOLLOWER",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "UNKNOWN_TOPIC_ID",
  );
}

/** The places within a response (`/responses/0/partitions/1`) that have this error of the protocol. */
export function pathsOf(error: unknown, name: string): readonly string[] {
  return flatten(error).flatMap(({ apiId, path }) => (apiId === name && typeof path === "string" ? [path] : []));
}

/** An error, its causes, and those that it holds. */
function flatten(error: unknown): readonly ClientError[] {
  if (typeof error !== "object" || error === null) return [];
  const { cause, errors } = error as ClientError;
  return [error, ...flatten(cause), ...(Array.isArray(errors) ? errors : []).flatMap(flatten)];
}

function isPassing(all: readonly ClientError[]): boolean {
  const ofProtocol = all.filter(({ apiId }) => apiId !== undefined);
  if (ofProtocol.length > 0) return ofProtocol.every(({ apiId, canRetry }) => canRetry === true || passing.has(apiId));
  return all.some(
    ({ code, message }) =>
      code === "PLT_KFK_NETWORK" || message === "Connection pool is closed." || message === "Client is closed.",
  );
}

/** The most telling text: the protocol's own error, else the innermost. */
function reasonOf(all: readonly ClientError[]): string {
  const ofProtocol = all.find(({ apiId }) => apiId !== undefined);
  const texts = [ofProtocol?.serverErrorMessage, ofProtocol?.message, all.at(-1)?.message];
  return String(texts.find((text) => typeof text === "string" && text !== "") ?? "no reason is given").replace(
    /\.$/,
    "",
  );
}
