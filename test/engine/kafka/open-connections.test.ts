import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Connection, Environment } from "../../../src/config/environment.ts";
import { connectionsOf } from "../../../src/engine/connections-of.ts";
import type { Broker } from "../../../src/engine/kafka/broker.ts";
import { toClientOptions } from "../../../src/engine/kafka/client-options.ts";
import { fetchToken } from "../../../src/engine/kafka/oauth-token.ts";
import { openConnections } from "../../../src/engine/open-connections.ts";
import type { Definition } from "../../../src/stages/definition.ts";
import { everything, json } from "./support.ts";

const environment = (
  connections: Readonly<Record<string, Connection>>,
  target: Environment["target"] = "emulator",
): Environment => ({ name: "e", target, databases: {}, connections, collections: [], checkpoints: { db: "asp" } });
const reads: Definition = {
  name: "reads",
  pipeline: [
    { $source: { connectionName: "bus", topic: "t", schemaRegistry: { connectionName: "registry" } } },
    { $tumblingWindow: { interval: {}, pipeline: [{ $https: { connectionName: "web", as: "a" } }] } },
    { $lookup: { from: { connectionName: "other", db: "d", coll: "c" }, as: "l" } },
    { $merge: { into: { connectionName: "domain", db: "d", coll: "c" } } },
  ],
  options: { dlq: { connectionName: "dead", db: "d", coll: "c" } },
};
const options = (env: Readonly<Record<string, string>> = {}) => ({ env, captureDir: "/captured" });

test("a processor names connections in its stages, in windows, and in its options", () => {
  expect(connectionsOf(reads)).toEqual(["bus", "registry", "web", "other", "domain", "dead"]);
});

describe("opening connections", () => {
  test("fills in the variables of those that are no clusters, and has topics in memory where there are no brokers", async () => {
    const headers = { authorization: "Bearer ${TOKEN}" };
    const opened = await openConnections(
      environment({
        bus: { type: "Kafka" },
        web: { type: "Https", url: "http://w", headers },
        domain: { type: "Cluster", uri: "${MISSING}" },
      }),
      [reads],
      options({ TOKEN: "t" }),
    );
    expect(opened.findings).toEqual([]);
    expect(opened.connections?.settings("web")).toEqual({
      type: "Https",
      url: "http://w",
      headers: { authorization: "Bearer t" },
    });
    expect(await opened.connections?.broker("bus").partitions(["t"])).toEqual(new Map([["t", [0]]]));
    expect(opened.connections?.captureDir).toBe("/captured");
    await opened.connections?.close();
  });

  test("has topics in memory begin after all that an earlier run can have written, however busy it was", async () => {
    const open = async (atMs: number): Promise<Broker> => {
      const { connections } = await openConnections(
        environment({ bus: { type: "Kafka" }, web: { type: "Https" } }),
        [reads],
        { ...options(), now: () => atMs },
      );
      if (connections === undefined) throw new Error("not opened");
      return connections.broker("bus");
    };
    const first = await open(1000);
    await first.produce(
      Array.from({ length: 500 }, (_, n) => json("t", n)),
      everything,
    );
    const end = (await first.offsets(["t"], "latest")).get("t")?.get(0);
    const begin = (await (await open(1001)).offsets(["t"], "earliest")).get("t")?.get(0);
    expect(begin).toBeGreaterThan(end ?? 0n);
  });

  test("finds variables that are not set, and Kafka without brokers outside of an emulator", async () => {
    const opened = await openConnections(
      environment({ bus: { type: "Kafka" }, web: { type: "Https", url: "${WEB}" } }, "admin-api"),
      [reads],
      options(),
    );
    expect(opened.connections).toBeUndefined();
    expect(opened.findings.map(({ code, message }) => [code, message])).toEqual([
      ["ASP4136", "the connection `bus` has no `bootstrapServers` in environment `e`"],
      ["ASP4006", "the environment variable `WEB` is not set"],
    ]);
  });

  test("finds connections by the names that the workspace has for them", async () => {
    const opened = await openConnections(environment({ own: { type: "Kafka", name: "bus" } }), [reads], options());
    expect(opened.connections?.settings("bus")).toEqual({ type: "Kafka", name: "bus" });
    await opened.connections?.close();
  });

  test("says that brokers do not answer", async () => {
    const away = environment({ bus: { type: "Kafka", bootstrapServers: "127.0.0.1:1" } });
    await expect(openConnections(away, [reads], options())).rejects.toMatchObject({ code: "ASP4135", retryable: true });
  });
});

describe("settings of a connection", () => {
  const token = async (): Promise<string> => "token";
  const clientOptions = (more: Partial<Connection>) =>
    toClientOptions({ type: "Kafka", bootstrapServers: "a:1, b:2", ...more }, token);

  test("without any there is neither TLS nor a user", () => {
    const { bootstrapBrokers, connection } = clientOptions({});
    expect([bootstrapBrokers, connection.tls, connection.sasl]).toEqual([["a:1", "b:2"], undefined, undefined]);
  });

  test("a user goes over TLS unless it is said that it does not", () => {
    const authentication = { mechanism: "SCRAM-256", username: "u", password: "p" } as const;
    const sasl = { mechanism: "SCRAM-SHA-256", username: "u", password: "p" };
    expect(clientOptions({ authentication }).connection).toMatchObject({ tls: {}, tlsServerName: true, sasl });
    const plain = clientOptions({ authentication, security: { protocol: "SASL_PLAINTEXT" } }).connection;
    expect(plain).toMatchObject({ sasl });
    expect(plain.tls).toBeUndefined();
  });

  test("a client shows its certificate", () => {
    const authentication = { sslCertificate: "cert", sslKey: "key", sslKeyPassword: "pass" };
    const { connection } = clientOptions({
      authentication,
      security: { protocol: "SSL", brokerPublicCertificate: "ca" },
    });
    expect(connection).toMatchObject({ tls: { ca: "ca", cert: "cert", key: "key", passphrase: "pass" } });
    expect(connection.sasl).toBeUndefined();
  });

  test("client settings are heeded where they matter", () => {
    const config = {
      "isolation.level": "read_uncommitted",
      "fetch.max.bytes": "1000",
      "message.max.bytes": 5,
      "client.id": "x",
    };
    expect(clientOptions({ config })).toMatchObject({
      isolationLevel: 0,
      fetchBytes: 1000,
      maxMessageBytes: 5,
      clientId: "x",
    });
    expect(clientOptions({})).toMatchObject({ isolationLevel: 1, maxMessageBytes: undefined, clientId: "asp" });
  });
});

describe("an OAuth token", () => {
  const serve = async (status: number, answer: string): Promise<{ readonly url: string; readonly asked: string[] }> => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        asked.push(`${request.headers.authorization ?? ""} ${body}`);
        response.writeHead(status, { "content-type": "application/json" }).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, asked };
  };
  const ask = (tokenEndpointUrl: string): Promise<string> =>
    fetchToken("bus", {
      type: "Kafka",
      authentication: {
        mechanism: "OAUTHBEARER",
        clientId: "id",
        clientSecret: "se:cret",
        scope: "s",
        tokenEndpointUrl,
      },
    });

  test("is asked for with the client's credentials", async () => {
    const { url, asked } = await serve(200, '{"access_token":"t"}');
    expect(await ask(url)).toBe("t");
    expect(asked).toEqual([
      `Basic ${Buffer.from("id:se%3Acret").toString("base64")} grant_type=client_credentials&scope=s`,
    ]);
  });

  test("that is refused, or is none, says so", async () => {
    for (const [status, answer, retryable] of [
      [401, "{}", false],
      [503, "", true],
      [200, "junk", false],
    ] as const) {
      const { url } = await serve(status, answer);
      await expect(ask(url)).rejects.toMatchObject({ code: "ASP4137", retryable });
    }
    await expect(ask("http://127.0.0.1:1/")).rejects.toMatchObject({ code: "ASP4135", retryable: true });
  });
});
