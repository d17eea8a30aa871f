import { randomBytes } from "node:crypto";
import { Admin, Producer, stringSerializers } from "@platformatic/kafka";
import type { Document } from "bson";
import { EJSON } from "bson";

/** A topic of its own, with three partitions. */
export interface Topic extends AsyncDisposable {
  readonly name: string;
  readonly bootstrapBrokers: readonly string[];
  /** Writes each event as Extended JSON under its stream's id, so that those of a stream are in one partition, in order. */
  write(events: Iterable<Document>): Promise<void>;
}

const batchSize = 2_000;

export async function createTopic(server: string): Promise<Topic> {
  const bootstrapBrokers = [server];
  const name = `orders-${randomBytes(6).toString("hex")}`;
  const admin = new Admin({ clientId: "bench", bootstrapBrokers });
  await admin.createTopics({ topics: [name], partitions: 3, replicas: 1 });
  return {
    name,
    bootstrapBrokers,
    write: async (events) => {
      const producer = new Producer({ clientId: "bench", bootstrapBrokers, serializers: stringSerializers });
      let messages: { topic: string; key: string; value: string }[] = [];
      const send = async (): Promise<void> => {
        if (messages.length > 0) await producer.send({ messages, acks: -1 });
        messages = [];
      };
      for (const event of events) {
        messages.push({ topic: name, key: String(event["streamId"]), value: EJSON.stringify(event) });
        if (messages.length === batchSize) await send();
      }
      await send();
      await producer.close();
    },
    [Symbol.asyncDispose]: async () => {
      await admin.deleteTopics({ topics: [name] });
      await admin.close();
    },
  };
}
