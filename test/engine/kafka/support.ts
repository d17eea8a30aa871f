import type { Connection } from "../../../src/config/environment.ts";
import type { Connections } from "../../../src/engine/connections.ts";
import type { Broker, NewMessage } from "../../../src/engine/kafka/broker.ts";
import type { MessageHeader } from "../../../src/engine/core/kafka/headers.ts";

/** Connections with these brokers behind `bus`, and these settings behind other names. */
export function connectionsWith(bus: Broker, others: Readonly<Record<string, Connection>> = {}): Connections {
  return {
    settings: (name) => others[name] ?? { type: "Kafka" },
    broker: () => bus,
    captureDir: "",
    close: async () => undefined,
  };
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function fromText(bytes: Uint8Array | null | undefined): string | null | undefined {
  return bytes === null || bytes === undefined ? bytes : Buffer.from(bytes).toString();
}

/** A message with a JSON value; `undefined` is a tombstone. */
export function json(topic: string, value: unknown, more: Partial<NewMessage> = {}): NewMessage {
  const own = value === undefined ? null : text(JSON.stringify(value));
  return { topic, key: undefined, value: own, headers: [], ...more };
}

export function header(key: string, value: string): MessageHeader {
  return { key, value: text(value) };
}

export const everything = { acks: -1, compression: "none" } as const;
