import type { Environment } from "../src/config/environment.ts";
import { openConnections } from "../src/engine/open-connections.ts";
import type { Definition } from "../src/stages/definition.ts";
import ordersProjection from "../pipelines/orders.ts";
import { orderEvents } from "../test/replays/burst/order-events.ts";
import { fetchKafkaJars } from "../test/support/kafka-jars.ts";
import { startKafka } from "../test/support/kafka-server.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compile } from "./harness/compile.ts";
import { measureRate } from "./harness/contender.ts";
import type { Contender, Course } from "./harness/contender.ts";
import { engine } from "./harness/engine.ts";
import { interleave } from "./harness/interleave.ts";
import { createTopic, type Topic } from "./harness/topic.ts";
import type { OrderDocument } from "./peers/consumer.ts";
import { consumeTopicInBulk } from "./peers/kafka-bulk.ts";

const count = 50_000;
const course: Course = {
  events: () => orderEvents({ events: count, orders: 5_000, arrival: "round-robin", seed: 1 }),
  count,
  collections: ["orders"],
  digests: new Map(),
};

/** The projection's own stages, over the messages of a topic. */
function fromTopic(definition: Definition, topic: string): Definition {
  const [, ...stages] = definition.pipeline;
  const $source = { connectionName: "bus", topic, config: { auto_offset_reset: "earliest" } };
  return { ...definition, pipeline: [{ $source }, ...stages] };
}

async function measureEngine(topic: Topic, tell: (line: string) => void): Promise<number> {
  const definition = fromTopic(compile(ordersProjection), topic.name);
  const environment: Environment = {
    name: "bench",
    target: "emulator",
    databases: {},
    connections: {
      bus: { type: "Kafka", bootstrapServers: topic.bootstrapBrokers.join(",") },
      domain: { type: "Cluster" },
    },
    collections: [],
    checkpoints: { db: "asp" },
  };
  const { connections, findings } = await openConnections(environment, [definition], { env: {}, captureDir: "" });
  if (connections === undefined) throw new Error(findings.map(({ message }) => message).join("; "));
  try {
    return await measureRate(engine([definition], connections), { ...course, deliver: topic.write, tell });
  } finally {
    await connections.close();
  }
}

function measurePeer({ name, bootstrapBrokers, write }: Topic, tell: (line: string) => void): Promise<number> {
  const peer: Contender = {
    prepare: async ({ client }) => {
      const orders = client.db("shop").collection<OrderDocument>("orders");
      return () => consumeTopicInBulk({ bootstrapBrokers, topic: name, group: name, orders, until: count });
    },
  };
  return measureRate(peer, { ...course, deliver: write, tell });
}

/** From a topic of a real broker into a read model. */
export const kafka: Benchmark = {
  name: "kafka",
  run: async (tell) => {
    const jars = await fetchKafkaJars();
    if ("missing" in jars) return { benchmark: "kafka", skipped: jars.missing };
    const server = await startKafka(jars.classpath);
    const measure = async (contender: typeof measureEngine): Promise<number> => {
      await using topic = await createTopic(server.plaintext);
      return await contender(topic, tell);
    };
    try {
      const rates = await interleave(
        { asp: () => measure(measureEngine), bulk: () => measure(measurePeer) },
        { rounds: 3, tell },
      );
      const { asp: ours, bulk: theirs } = rates;
      return [toRow({ benchmark: "kafka", against: "bulk", target: 1, ours, theirs, unit: "events/s" })];
    } finally {
      await server.close();
    }
  },
};
