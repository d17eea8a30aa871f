import type { Document } from "bson";
import type { Connections } from "../../src/engine/connections.ts";
import { createMemoryBroker, type MemoryBroker } from "../../src/engine/kafka/memory-broker.ts";
import { connectionsWith, text } from "../engine/kafka/support.ts";
import { json, serve } from "../engine/operators/http-server.ts";
import type { RegistryServer } from "../support/registry-server.ts";

/** Topics in memory, a registry, and a web server that always answers alike. */
export async function openConnections(
  registry: RegistryServer,
  captureDir: string,
): Promise<{ readonly connections: Connections; readonly broker: MemoryBroker }> {
  const broker = createMemoryBroker({ now: Date.now });
  const { url } = await serve((_, response) => json(response, { a: 1 }));
  const connections = connectionsWith(broker, {
    registry: { type: "SchemaRegistry", schemaRegistryUrls: [registry.url] },
    web: { type: "Https", url },
    lambda: { type: "AWSLambda", url },
  });
  return { broker, connections: { ...connections, captureDir } };
}

/** A message that a `$source` on Kafka with these arguments can deliver. */
export async function produce(broker: MemoryBroker, args: Document): Promise<void> {
  const value =
    "schemaRegistry" in args
      ? new Uint8Array([0, 0, 0, 0, 101])
      : text('{ "at": { "$date": "1970-01-01T00:00:00Z" }, "ts": { "$date": "1970-01-01T00:00:00Z" } }');
  await broker.produce([{ topic: "orders", key: text("1"), value, headers: [] }], { acks: -1, compression: "none" });
}
