import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Users of the listener with SASL over TLS: the name that Event Hubs wants, and one for SCRAM. */
export const eventHubsUser = { username: "$ConnectionString", password: "Endpoint=sb://local/;SharedAccessKey=abc=" };
export const scramUser = { username: "alice", password: "alice-secret" };

/** A Kafka of one process, in KRaft mode. */
export interface KafkaServer {
  /** Without encryption and users. */
  readonly plaintext: string;
  readonly saslSsl: string;
  /** PEM. */
  readonly certificate: string;
  /** Ends the process, as a machine that goes away does. */
  kill(): Promise<void>;
  /** Keeps its connections and answers nothing any more, as one that hangs. */
  freeze(): void;
  /** Starts it again with the same data and ports. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

const runs = { all: true, reject: false } as const;
type JavaProcess = ReturnType<typeof execa<typeof runs>>;

const startsWithinMs = 60_000;
const storePassword = "changeit";

/** @param settings more lines of `server.properties` */
export async function startKafka(classpath: string, settings: readonly string[] = []): Promise<KafkaServer> {
  const folder = await mkdtemp(join(tmpdir(), "asp-kafka-"));
  const [plain = 0, sasl = 0, controller = 0] = await freePorts(3);
  const keystore = join(folder, "broker.p12");
  const certificate = await makeCertificate(keystore);
  const users = [eventHubsUser, scramUser].map(({ username, password }) => `user_${username}="${password}"`).join(" ");
  const properties = [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${plain},SASL_SSL://127.0.0.1:${sasl},CONTROLLER://127.0.0.1:${controller}`,
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
    `log.dirs=${join(folder, "data")}`,
    `ssl.keystore.location=${keystore}`,
    `ssl.keystore.password=${storePassword}`,
    "ssl.keystore.type=PKCS12",
    "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    // Takes tokens that nobody has signed.
    'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
    `listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${users};`,
    "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "offsets.topic.num.partitions=1",
    "offsets.topic.replication.factor=1",
    "transaction.state.log.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "num.partitions=3",
    "log.retention.check.interval.ms=500",
    ...settings,
  ];
  const file = join(folder, "server.properties");
  await mkdir(join(folder, "data"));
  await writeFile(file, properties.join("\n"));
  const java = [
    "-Xmx320m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  ];
  const run = (...args: readonly string[]): JavaProcess => execa("java", [...java, "-cp", classpath, ...args], runs);
  const scram = ["256", "512"].flatMap((bits) => [
    "--add-scram",
    `SCRAM-SHA-${bits}=[name=${scramUser.username},password=${scramUser.password}]`,
  ]);
  const formatted = await run(
    "kafka.tools.StorageTool",
    "format",
    "-t",
    "MkU3OEVBNTcwNTJENDM2Qg",
    "-c",
    file,
    ...scram,
  );
  if (formatted.exitCode !== 0) throw new Error(`Kafka's storage cannot be formatted: ${formatted.all}`);

  let server: JavaProcess | undefined;
  const start = async (): Promise<void> => {
    const starting = run("kafka.Kafka", file);
    server = starting;
    const ended = starting.then(({ all }) => {
      throw new Error(`Kafka has not started: ${all.slice(-3000)}`);
    });
    await Promise.race([untilOpen(plain), ended]);
    ended.catch(() => undefined);
  };
  const kill = async (): Promise<void> => {
    server?.kill("SIGKILL");
    await server;
  };
  await start();
  return {
    plaintext: `127.0.0.1:${plain}`,
    saslSsl: `127.0.0.1:${sasl}`,
    certificate,
    kill,
    freeze: () => void server?.kill("SIGSTOP"),
    start,
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeCertificate(keystore: string): Promise<string> {
  const store = ["-keystore", keystore, "-storetype", "PKCS12", "-storepass", storePassword, "-alias", "broker"];
  const names = ["-dname", "CN=localhost", "-ext", "SAN=dns:localhost,ip:127.0.0.1"];
  await execa("keytool", [
    "-genkeypair",
    "-keyalg",
    "RSA",
    "-keysize",
    "2048",
    "-validity",
    "3650",
    ...store,
    ...names,
  ]);
  const file = `${keystore}.pem`;
  await execa("keytool", ["-exportcert", "-rfc", "-file", file, ...store]);
  return readFile(file, "utf8");
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A port opens before the broker answers: it is ready once it says where the topics are. */
async function untilOpen(port: number): Promise<void> {
  const { Admin } = await import("@platformatic/kafka");
  const until = performance.now() + startsWithinMs;
  for (;;) {
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [`127.0.0.1:${port}`], retries: 0, timeout: 2000 });
    try {
      const { brokers } = await admin.metadata({ topics: [], forceUpdate: true });
      if (brokers.size > 0) return;
    } catch (error) {
      if (performance.now() > until) throw error;
    } finally {
      await admin.close().catch(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
