import { deserialize } from "bson";
import { interpolate } from "../../config/interpolate.ts";
import type { Variables } from "../../config/interpolate.ts";
import type { Connection, Environment } from "../../config/environment.ts";
import type { Connections } from "../../engine/connections.ts";
import { planSink, type KafkaSinkPlan } from "../../engine/core/plan-sink.ts";
import { createAvroReader } from "../../engine/kafka/avro-values.ts";
import type { Broker, NewMessage, TopicMessage } from "../../engine/kafka/broker.ts";
import { createMemoryBroker } from "../../engine/kafka/memory-broker.ts";
import { openRegistry } from "../../engine/kafka/open-registry.ts";
import { configName } from "../../engine/open-clusters.ts";
import type { Definition } from "../../stages/definition.ts";
import { notProduced } from "../case/findings.ts";
import { FixtureError } from "../case/fixture-error.ts";
import type { GivenDocument } from "../case/given.ts";
import { checkMessage, toNewMessage } from "../case/message.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import { showValue, toMessageForm } from "../compare/message-form.ts";

/** What was emitted, by topic, in the order in which it was written. */
export type EmittedMessages = ReadonlyMap<string, readonly StoredDocument[]>;

/** The topics of one trial, in memory: all Kafka connections of a case are this one broker. */
export interface TrialTopics {
  readonly connections: Connections;
  /** Appends what a case gives. Throws FixtureError where a message is none or is not taken. */
  produce(topic: string, given: readonly GivenDocument[], file: string): Promise<void>;
  /** What the processors have written, without what was given. */
  emitted(): Promise<EmittedMessages>;
}

export interface TrialTopicsOptions {
  readonly environment: Environment;
  readonly definitions: readonly Definition[];
  /** For `${NAME}` in the settings of connections. */
  readonly variables: Variables;
  /** Those that are there from the start, and how many partitions each has. */
  readonly topics: ReadonlyMap<string, number>;
  readonly captureDir: string;
  /** The clock of the case: messages without a time get it. */
  readonly now: () => number;
}

export function createTrialTopics(options: TrialTopicsOptions): TrialTopics {
  const { environment, definitions, variables, topics, captureDir, now } = options;
  const broker = createMemoryBroker({ now, wallNow: Date.now });
  for (const [topic, partitions] of topics) broker.createTopic(topic, partitions);
  const written = new Set<string>();
  const given = new Set<TopicMessage>();
  const shared: Broker = {
    ...broker,
    produce: (messages, how) => {
      for (const { topic } of messages) written.add(topic);
      return broker.produce(messages, how);
    },
  };
  const connections: Connections = {
    settings: (name) => settingsOf(environment, name, variables),
    broker: () => shared,
    captureDir,
    close: async () => undefined,
  };

  const produce = async (topic: string, documents: readonly GivenDocument[], file: string): Promise<void> => {
    const at = ({ line = 1 }: GivenDocument) => ({ place: { file, line, column: 1 } });
    const messages = documents.map((each): NewMessage => {
      const [wrong] = checkMessage(each.document, at(each));
      if (wrong !== undefined) throw new FixtureError(wrong);
      return toNewMessage(topic, each.document);
    });
    const before = broker.messages(topic).length;
    const producing = broker.produce(messages, { acks: -1, compression: "none" });
    // In memory all is appended at once, before anybody else has a turn.
    for (const message of broker.messages(topic).slice(before)) given.add(message);
    const reasons = await producing;
    const index = reasons.findIndex((reason) => reason !== undefined);
    const refused = documents[index];
    if (refused !== undefined)
      throw new FixtureError(notProduced(at(refused), { topic, reason: reasons[index] ?? "" }));
  };

  const emitted = async (): Promise<EmittedMessages> => {
    const decode = createDecoder(definitions, connections);
    const found = new Map<string, readonly StoredDocument[]>();
    for (const topic of [...written].toSorted()) {
      const own = broker.messages(topic).filter((message) => !given.has(message));
      if (own.length > 0) found.set(topic, await Promise.all(own.map((message) => toForm(message, decode))));
    }
    return found;
  };

  return { connections, produce, emitted };
}

type Decode = (value: Uint8Array | null) => Promise<unknown>;

async function toForm(message: TopicMessage, decode: Decode): Promise<StoredDocument> {
  return toMessageForm({ ...message, value: await decode(message.value) });
}

/** JSON, or else Avro by the registry that a sink of the case writes with, or else bytes. */
function createDecoder(definitions: readonly Definition[], connections: Connections): Decode {
  const sinks = definitions
    .map(({ pipeline }) => planSink(pipeline.at(-1) ?? {}))
    .filter((sink): sink is KafkaSinkPlan => sink.kind === "kafka");
  const readers = sinks.flatMap((sink) => {
    const name: unknown = sink.schemaRegistry?.["connectionName"];
    return typeof name === "string" ? [createAvroReader(openRegistry(name, sink, connections))] : [];
  });
  return async (value) => {
    for (const read of value?.[0] === 0 ? readers : []) {
      const document = await read(value);
      if ("value" in document) return deserialize(document.value, { promoteValues: false, bsonRegExp: true });
    }
    return showValue(value);
  };
}

/** A connection's settings, `${NAME}` filled in. No broker is asked for, so that a case needs none of its secrets. */
function settingsOf(environment: Environment, name: string, variables: Variables): Connection {
  const connection = environment.connections[configName(environment, name)];
  if (connection === undefined) throw new Error(`the environment has no connection ${name}`);
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") {
      const filled = interpolate(value, variables);
      if (filled.finding === undefined) return filled.value;
      if (connection.type === "Kafka") return value;
      throw new FixtureError(filled.finding);
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
  };
  return fill(connection) as Connection;
}
