import { Binary } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";
import type { At, Finding } from "../../diagnostics/finding.ts";
import type { MessageHeader } from "../../engine/core/kafka/headers.ts";
import { bytesOfBinary, isBson } from "../../engine/core/kafka/key-format.ts";
import type { NewMessage } from "../../engine/kafka/broker.ts";
import { isNumber } from "../compare/compare-numbers.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import { PlainNumber } from "../compare/plain-number.ts";
import { unknownKey, wrongValue } from "./findings.ts";

/** A message of a topic as a fixture writes it: `{value, key?, headers?, timestamp?, partition?}`. Source: DESIGN section 5. */
export type MessageDocument = Readonly<Record<string, unknown>>;

const messageKeys = ["value", "key", "headers", "timestamp", "partition"];
const mostPartitions = 1000;
const utf8 = new TextEncoder();

/** What is wrong with a message. */
export function checkMessage(document: MessageDocument, at: At): readonly Finding[] {
  const { headers, timestamp, partition } = document;
  // Most often the value itself, written where the message should be.
  const isValue = !("value" in document);
  const hint = isValue ? { instead: 'put what the message says under `value`: `{ "value": { … } }`' } : {};
  const findings = Object.keys(document)
    .filter((key) => !messageKeys.includes(key))
    .map((key) => unknownKey(at, { key, known: messageKeys, ...hint }));
  if (headersOf(headers) === undefined) {
    findings.push(wrongValue(at, { what: "`headers`", expected: "an object of texts, or a list of { k, v }" }));
  }
  if (timestamp !== undefined && timeOf(timestamp) === undefined) {
    findings.push(wrongValue(at, { what: "`timestamp`", expected: "a time: ISO 8601, a date, or milliseconds" }));
  }
  if (partition !== undefined && partitionOf(document) === undefined) {
    findings.push(wrongValue(at, { what: "`partition`", expected: `a whole number from 0 to ${mostPartitions - 1}` }));
  }
  return findings;
}

/** The message that a document stands for, which {@link checkMessage} has nothing against. */
export function toNewMessage(topic: string, document: MessageDocument): NewMessage {
  const { value, key, headers } = document;
  const timestampMs = timeOf(document["timestamp"]);
  const partition = partitionOf(document);
  return {
    topic,
    value: value === undefined || value === null ? null : bytesOf(value, toEjson),
    key: key === undefined || key === null ? undefined : keyBytes(key),
    headers: headersOf(headers) ?? [],
    ...(timestampMs === undefined ? {} : { timestampMs }),
    ...(partition === undefined ? {} : { partition }),
  };
}

/** Milliseconds since the epoch. */
export function timeOf(value: unknown): number | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime();
  if (isNumber(value)) return finite(Number(value instanceof PlainNumber ? value.text : String(value)));
  return typeof value === "string" ? finite(Date.parse(value)) : undefined;
}

/** The partition that a message names. */
export function partitionOf({ partition }: MessageDocument): number | undefined {
  if (!isNumber(partition)) return undefined;
  const number = Number(partition instanceof PlainNumber ? partition.text : String(partition));
  return Number.isInteger(number) && number >= 0 && number < mostPartitions ? number : undefined;
}

/** A text as it is, binary data as its bytes, anything else as its JSON text. */
export function keyBytes(key: unknown): Uint8Array {
  return bytesOf(key, (value) => {
    if (typeof value === "string") return value;
    return value instanceof PlainNumber ? value.text : toEjson(value);
  });
}

/** Undefined for what headers cannot be. */
export function headersOf(headers: unknown): readonly MessageHeader[] | undefined {
  if (headers === undefined || headers === null) return [];
  const pairs: unknown[] | undefined = Array.isArray(headers)
    ? headers
    : isPlainDocument(headers)
      ? Object.entries(headers).map(([k, v]) => ({ k, v }))
      : undefined;
  const read = pairs?.map((pair) => (isPlainDocument(pair) ? toHeader(pair) : undefined));
  return read?.every((header) => header !== undefined) === true ? read : undefined;
}

function toHeader({ k, v = null, ...rest }: Record<string, unknown>): MessageHeader | undefined {
  if (typeof k !== "string" || Object.keys(rest).length > 0) return undefined;
  if (v === null) return { key: k, value: null };
  return typeof v === "string" || isBson(v, "Binary") ? { key: k, value: bytesOf(v, String) } : undefined;
}

function bytesOf(value: unknown, toText: (value: unknown) => string): Uint8Array {
  if (value instanceof Uint8Array && !(value instanceof Binary)) return value;
  return isBson(value, "Binary") ? bytesOfBinary(value) : utf8.encode(toText(value));
}

function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}
