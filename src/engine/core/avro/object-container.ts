import { Binary, Long } from "bson";
import { bytesOfBinary, isBson } from "../kafka/key-format.ts";
import { AvroError, type AvroType } from "./avro-type.ts";
import { decodeAvroAt } from "./decode-avro.ts";
import { encodeAvro } from "./encode-avro.ts";
import { parseAvroSchema } from "./parse-avro-schema.ts";

/** Records of one schema in a file. Source: the Avro specification, "Object Container Files". */
export interface ObjectContainer {
  /** The declaration, as JSON has it. */
  readonly schema: unknown;
  /** What the header says beside the schema, by name. */
  readonly metadata: ReadonlyMap<string, string>;
  /** With their BSON types, as `encodeAvro` takes and `decodeAvro` gives them. */
  readonly records: readonly unknown[];
}

const magic = Uint8Array.from([0x4f, 0x62, 0x6a, 1]);
const syncBytes = 16;
const long: AvroType = { kind: "long" };
const header: AvroType = { kind: "map", values: { kind: "bytes" } };
const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

/**
 * Writes a container of one block, not compressed.
 *
 * @param sync 16 bytes that mark the ends of blocks: no other file should have the same
 * @throws AvroError where a record does not fit the schema
 */
export function encodeContainer({ schema, metadata, records }: ObjectContainer, sync: Uint8Array): Uint8Array {
  const type = parseAvroSchema(schema);
  const texts = new Map([["avro.schema", JSON.stringify(schema)], ["avro.codec", "null"], ...metadata]);
  const entries = new Map(Array.from(texts, ([name, text]) => [name, new Binary(utf8.encode.encode(text))]));
  const parts = [magic, encodeAvro(entries, header), sync];
  if (records.length > 0) {
    const values = records.map((record) => encodeAvro(record, type));
    const size = values.reduce((sum, { length }) => sum + length, 0);
    parts.push(encodeAvro(Long.fromNumber(records.length), long), encodeAvro(Long.fromNumber(size), long));
    for (const value of values) parts.push(value);
    parts.push(sync);
  }
  return concatenate(parts);
}

/**
 * Reads a container that is not compressed.
 *
 * @throws AvroError for bytes that are none
 */
export function decodeContainer(bytes: Uint8Array): ObjectContainer {
  if (magic.some((byte, at) => bytes[at] !== byte)) throw new AvroError("it is no Avro object container file");
  const { value, end } = decodeAvroAt(bytes, magic.length, header);
  const metadata = new Map(Array.from(value as Map<string, unknown>, ([name, text]) => [name, textOf(text)]));
  const codec = metadata.get("avro.codec") ?? "null";
  if (codec !== "null") throw new AvroError(`its blocks are compressed with ${codec}`);
  const schema = parseJson(metadata.get("avro.schema"));
  const type = parseAvroSchema(schema);
  const sync = bytes.subarray(end, end + syncBytes);
  const records: unknown[] = [];
  for (let at = end + syncBytes; at < bytes.length;) {
    const count = decodeAvroAt(bytes, at, long);
    const size = decodeAvroAt(bytes, count.end, long);
    at = size.end;
    for (let left = Number(count.value); left > 0; left -= 1) {
      const record = decodeAvroAt(bytes, at, type);
      records.push(record.value);
      at = record.end;
    }
    const mark = bytes.subarray(at, at + syncBytes);
    if (at !== size.end + Number(size.value) || mark.length < syncBytes || sync.some((byte, i) => mark[i] !== byte)) {
      throw new AvroError("a block does not end where it says");
    }
    at += syncBytes;
  }
  return { schema, metadata, records };
}

function textOf(value: unknown): string {
  return isBson(value, "Binary") ? utf8.decode.decode(bytesOfBinary(value)) : "";
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    throw new AvroError("its schema is no JSON");
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
