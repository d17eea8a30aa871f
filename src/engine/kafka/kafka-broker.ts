import { setTimeout as sleep } from "node:timers/promises";
import * as zlib from "node:zlib";
import type { Admin } from "@platformatic/kafka";
import type { Connection } from "../../config/environment.ts";
import type { Offsets } from "../core/kafka/offsets.ts";
import type { Broker } from "./broker.ts";
import { createClientSlot } from "./client-slot.ts";
import { toClientOptions } from "./client-options.ts";
import { fetchMessages } from "./fetch-messages.ts";
import { loadClient } from "./load-client.ts";
import { fetchToken } from "./oauth-token.ts";
import { produceMessages } from "./produce-messages.ts";

/** How old what is known of partitions and their leaders may be. */
const metadataMaxAge = 5000;
const earliest = -2n;
const latest = -1n;

/**
 * The brokers behind a connection. The client is loaded with the first call.
 *
 * @param name of the connection, for messages
 * @param connection its settings, `${NAME}` filled in
 */
export function createKafkaBroker(name: string, connection: Connection): Broker {
  const options = toClientOptions(connection, () => fetchToken(name, connection));
  const { clientId, bootstrapBrokers, isolationLevel } = options;
  // Repeating is the engine's, which knows how long, and what else is to be told meanwhile.
  const base = { clientId, bootstrapBrokers, ...options.connection, retries: 0, metadataMaxAge };

  const admin = createClientSlot(name, async () => new (await loadClient()).Admin(base));
  const producer = createClientSlot(name, async () => new (await loadClient()).Producer(base));
  const turns = new Map<string, number>();

  const partitionsOf = async (client: Admin, topics: readonly string[]): Promise<Map<string, readonly number[]>> => {
    const metadata = await client.metadata({ topics: [...topics] });
    return new Map(
      topics.map((topic) => [topic, (metadata.topics.get(topic)?.partitions ?? []).map((_, index) => index)]),
    );
  };

  return {
    connect: () =>
      admin.run(async (client) => {
        await client.metadata({ topics: [], forceUpdate: true });
      }),
    partitions: (topics) => admin.run((client) => partitionsOf(client, topics)),
    offsets: (topics, at) =>
      admin.run(async (client): Promise<Offsets> => {
        const timestamp = at === "earliest" ? earliest : latest;
        const wanted = [...(await partitionsOf(client, topics))].map(([topic, partitions]) => ({
          name: topic,
          partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })),
        }));
        const found = await client.listOffsets({ topics: wanted, isolationLevel });
        const merged = new Map<string, Map<number, bigint>>();
        for (const { name: topic, partitions } of found) {
          const known = merged.get(topic) ?? new Map<number, bigint>();
          for (const { partitionIndex, offset } of partitions) known.set(partitionIndex, offset);
          merged.set(topic, known);
        }
        return merged;
      }),
    committed: (group, topics) =>
      admin.run(async (client): Promise<Offsets> => {
        const wanted = [...(await partitionsOf(client, topics))].map(([topic, partitions]) => ({
          name: topic,
          partitionIndexes: [...partitions],
        }));
        const [found] = await client.listConsumerGroupOffsets({ groups: [{ groupId: group, topics: wanted }] });
        // -1 is a partition that the group has not committed.
        return new Map(
          (found?.topics ?? []).map(({ name: topic, partitions }) => [
            topic,
            new Map(
              partitions.flatMap(({ partitionIndex, committedOffset }) =>
                committedOffset < 0n ? [] : [[partitionIndex, committedOffset] as const],
              ),
            ),
          ]),
        );
      }),
    commit: (group, offsets) =>
      admin.run(async (client) => {
        const topics = [...offsets].map(([topic, partitions]) => ({
          name: topic,
          partitionOffsets: [...partitions].map(([partition, offset]) => ({ partition, offset })),
        }));
        await client.alterConsumerGroupOffsets({ groupId: group, topics });
      }),
    openReader: () => {
      const consumer = createClientSlot(name, async () => {
        return new (await loadClient()).Consumer({ ...base, groupId: clientId, isolationLevel });
      });
      return {
        fetch: (from, { maxBytes, waitMs }) => {
          const limits = { maxBytes: Math.min(maxBytes, options.fetchBytes), waitMs };
          return consumer.run((client) => fetchMessages(client, from, limits, options));
        },
        close: consumer.close,
      };
    },
    produce: (messages, how, signal) =>
      producer.run((client) =>
        produceMessages(client, messages, how, { maxMessageBytes: options.maxMessageBytes, turns, sleep, signal }),
      ),
    refusesCompression: (compression) =>
      compression === "zstd" && !("zstdCompressSync" in zlib) ? "zstd is there from Node 22.15 on" : undefined,
    close: async () => {
      await Promise.all([admin.close(), producer.close()]);
    },
  };
}
