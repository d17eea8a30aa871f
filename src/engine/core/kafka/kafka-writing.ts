import type { Document } from "bson";
import { fieldOf } from "../exact-bson.ts";
import { isLiteralText, type KafkaSinkPlan } from "../plan-sink.ts";
import { encodeHeaders, type MessageHeader } from "./headers.ts";
import { encodeKey, nameOfType, type KeyFormat } from "./key-format.ts";
import type { OutputJsonOptions } from "../formats/output-json.ts";

/** How messages are written. Source: asp-language section 1.7. */
export interface KafkaWriting {
  readonly acks: -1 | 0 | 1;
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  readonly output: OutputJsonOptions;
  readonly keyFormat: KeyFormat | undefined;
}

/** What a document's message is beside its value. */
export interface Envelope {
  readonly topic: string;
  readonly key: Uint8Array | undefined;
  readonly headers: readonly MessageHeader[];
  readonly isTombstone: boolean;
  /** The `valueSchema` of an Avro value. */
  readonly schema: unknown;
}

const acks: ReadonlyMap<unknown, KafkaWriting["acks"]> = new Map([
  ["0", 0],
  ["1", 1],
]);

/** @param connection client settings of the connection, which count where `config` says nothing */
export function planKafkaWriting(
  { config }: KafkaSinkPlan,
  connection: Readonly<Record<string, unknown>>,
): KafkaWriting {
  const compression = config["compression_type"] ?? connection["compression.type"] ?? "none";
  return {
    acks: acks.get(String(config["acks"] ?? connection["acks"] ?? "all")) ?? -1,
    compression: compression as KafkaWriting["compression"],
    output: {
      format: (config["outputFormat"] ?? "relaxedJson") as OutputJsonOptions["format"],
      dateFormat: (config["dateFormat"] ?? "default") as OutputJsonOptions["dateFormat"],
    },
    keyFormat: config["keyFormat"] as KeyFormat | undefined,
  };
}

/** The expressions of an `$emit` to Kafka that each document answers for itself. */
export function kafkaExpressions({ topic, config, schemaRegistry }: KafkaSinkPlan): Document | undefined {
  const expressions: Document = {};
  if (!isLiteralText(topic)) expressions["topic"] = topic;
  for (const name of ["key", "headers", "tombstoneWhen"])
    if (name in config) expressions[name] = config[name] as unknown;
  if (isComputed(schemaRegistry?.["valueSchema"]))
    expressions["valueSchema"] = schemaRegistry?.["valueSchema"] as unknown;
  return Object.keys(expressions).length === 0 ? undefined : expressions;
}

/** A text is a field path, and a document that begins with an operator an expression. */
function isComputed(schema: unknown): boolean {
  if (typeof schema === "string") return true;
  return typeof schema === "object" && schema !== null && Object.keys(schema)[0]?.startsWith("$") === true;
}

/**
 * Takes together what a document's expressions gave.
 *
 * @param values as kafkaExpressions asks for them, with their BSON types
 * @returns the reason where one of them gave what a message cannot have
 */
export function toEnvelope(
  plan: KafkaSinkPlan,
  { keyFormat, output }: KafkaWriting,
  values: Document | undefined,
): Envelope | { readonly reason: string } {
  const topic = isLiteralText(plan.topic) ? plan.topic : fieldOf(values, "topic");
  if (typeof topic !== "string" || topic === "") {
    return { reason: `\`topic\` must evaluate to a text, found ${topic === "" ? "an empty one" : nameOfType(topic)}` };
  }
  const tombstone = "tombstoneWhen" in plan.config ? fieldOf(values, "tombstoneWhen") : false;
  if (typeof tombstone !== "boolean") {
    return { reason: `\`config.tombstoneWhen\` must evaluate to a bool, found ${nameOfType(tombstone)}` };
  }
  const key = keyFormat === undefined ? undefined : encodeKey(fieldOf(values, "key"), keyFormat, output);
  if (key !== undefined && "reason" in key) return key;
  const headers = encodeHeaders(fieldOf(values, "headers"), output);
  if ("reason" in headers) return headers;
  const written: unknown = plan.schemaRegistry?.["valueSchema"];
  const schema = isComputed(written) ? fieldOf(values, "valueSchema") : written;
  return { topic, key: key?.value, headers: headers.value, isTombstone: tombstone, schema };
}
