import type { Connection } from "../../config/environment.ts";
import type { Broker } from "./broker.ts";
import { createKafkaBroker } from "./kafka-broker.ts";
import { createMemoryBroker } from "./memory-broker.ts";

/** `bootstrapServers` of a Kafka connection whose topics are in memory; so are those of one without any. */
export const inMemory = "in-memory";

export interface BrokerOptions {
  readonly now: () => number;
  /** Of topics in memory: offsets begin with the time in milliseconds, so many times over. */
  readonly offsetsPerMs: bigint;
  /** Of a partition in memory, in bytes; default as much as comes. */
  readonly retentionBytes?: number;
}

/** What stands behind a Kafka connection: topics in memory where its settings name no brokers, else the brokers. */
export function createBroker(
  name: string,
  settings: Connection,
  { now, offsetsPerMs, retentionBytes }: BrokerOptions,
): Broker {
  return isInMemory(settings)
    ? createMemoryBroker({
        now,
        firstOffset: BigInt(Math.floor(now())) * offsetsPerMs,
        ...(retentionBytes !== undefined && { retentionBytes }),
      })
    : createKafkaBroker(name, settings);
}

export function isInMemory({ bootstrapServers }: Connection): boolean {
  return bootstrapServers === undefined || bootstrapServers === inMemory;
}
