import { isIP } from "node:net";
import type { ConnectionOptions, SASLOptions } from "@platformatic/kafka";
import type { Connection } from "../../config/environment.ts";

/** What the client takes, of a connection as Atlas's API describes it. */
export interface ClientOptions {
  readonly clientId: string;
  readonly bootstrapBrokers: string[];
  readonly connection: ConnectionOptions;
  /** 0 reads also what a transaction may take back. */
  readonly isolationLevel: 0 | 1;
  readonly fetchBytes: number;
  readonly partitionBytes: number;
  /** Larger ones are refused before they are sent. */
  readonly maxMessageBytes: number | undefined;
}

const mechanisms = {
  PLAIN: "PLAIN",
  "SCRAM-256": "SCRAM-SHA-256",
  "SCRAM-512": "SCRAM-SHA-512",
  OAUTHBEARER: "OAUTHBEARER",
} as const;

/**
 * Takes a Kafka connection's settings apart, `${NAME}` filled in. Of the client settings under `config` only those that matter here are heeded;
 * the service ignores what it does not know too.
 *
 * @param token gives an OAuth token, with OAUTHBEARER
 */
export function toClientOptions(connection: Connection, token: () => Promise<string>): ClientOptions {
  const { bootstrapServers = "", authentication = {}, security = {}, config = {} } = connection;
  const servers = bootstrapServers.split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
  const protocol = security.protocol ?? (authentication.mechanism === undefined ? "PLAINTEXT" : "SASL_SSL");
  const timeoutMs = numberOf(config["request.timeout.ms"]);
  return {
    clientId: String(config["client.id"] ?? "asp"),
    bootstrapBrokers: servers,
    connection: {
      connectTimeout: 10_000,
      ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }),
      ...(protocol.endsWith("SSL") ? toTls(connection, servers[0] ?? "") : {}),
      ...(protocol.startsWith("SASL") ? { sasl: toSasl(connection, token) } : {}),
    },
    isolationLevel: config["isolation.level"] === "read_uncommitted" ? 0 : 1,
    fetchBytes: numberOf(config["fetch.max.bytes"]) ?? 8 * 1024 * 1024,
    partitionBytes: numberOf(config["max.partition.fetch.bytes"]) ?? 1024 * 1024,
    maxMessageBytes: numberOf(config["message.max.bytes"]),
  };
}

function toTls({ authentication = {}, security = {} }: Connection, server: string): Partial<ConnectionOptions> {
  const { sslCertificate: cert, sslKey: key, sslKeyPassword: passphrase } = authentication;
  const ca = security.brokerPublicCertificate;
  // Brokers in a cloud are told apart by the name that TLS sends; an address is none.
  return {
    tlsServerName: isIP(server.replace(/:\d+$/, "")) === 0,
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
    },
  };
}

function toSasl({ authentication = {} }: Connection, token: () => Promise<string>): SASLOptions {
  const { mechanism = "PLAIN", username = "", password = "", saslOauthbearerExtensions } = authentication;
  if (mechanism !== "OAUTHBEARER") return { mechanism: mechanisms[mechanism], username, password };
  const extensions = (saslOauthbearerExtensions ?? "").split(",").flatMap((pair) => {
    const [name = "", ...value] = pair.split("=");
    return name.trim() === "" ? [] : [[name.trim(), value.join("=").trim()]];
  });
  return {
    mechanism: "OAUTHBEARER",
    token,
    oauthBearerExtensions: Object.fromEntries(extensions) as Record<string, string>,
  };
}

function numberOf(value: string | number | boolean | undefined): number | undefined {
  const number = Number(value);
  return value === undefined || !Number.isFinite(number) ? undefined : number;
}
