import { Binary, Decimal128, Double, Int32, Long } from "bson";
import { AvroError, type AvroLogical, type AvroType } from "./avro-type.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const dayMs = 86_400_000n;
/** Items may have no bytes at all; a document of 16 MB holds fewer than these. */
const mostItems = 16_000_000n;

/**
 * Reads a value as its writer's schema has it, into values that keep their BSON types: int, long, double, binData for bytes and fixed,
 * a text for an enum, a Map for records and maps; dates and decimals by their logical types.
 *
 * @throws AvroError where the bytes are not of this schema
 */
export function decodeAvro(bytes: Uint8Array, type: AvroType): unknown {
  const { value, end } = decodeAvroAt(bytes, 0, type);
  if (end < bytes.length) throw new AvroError(`${bytes.length - end} bytes follow the value`);
  return value;
}

/**
 * The same for a value that others may follow.
 *
 * @returns the value, and where it ends
 * @throws AvroError where the bytes are not of this schema
 */
export function decodeAvroAt(
  bytes: Uint8Array,
  at: number,
  type: AvroType,
): { readonly value: unknown; readonly end: number } {
  const reader: Reader = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at };
  return { value: read(reader, type), end: reader.at };
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

function read(reader: Reader, type: AvroType): unknown {
  switch (type.kind) {
    case "null":
      return null;
    case "boolean":
      return take(reader, 1)[0] !== 0;
    case "int":
      return toInt(readLong(reader), type.logical);
    case "long":
      return toLong(readLong(reader), type.logical);
    case "float":
      take(reader, 4);
      return new Double(reader.view.getFloat32(reader.at - 4, true));
    case "double":
      take(reader, 8);
      return new Double(reader.view.getFloat64(reader.at - 8, true));
    case "bytes":
      return toBytes(take(reader, readLength(reader)), type.logical);
    case "string":
      return readText(reader);
    case "fixed":
      return toBytes(take(reader, type.size), type.logical);
    case "enum":
      return pick(type.symbols, readLength(reader));
    case "union":
      return read(reader, pick(type.branches, readLength(reader)));
    case "array": {
      const items: unknown[] = [];
      readBlocks(reader, () => items.push(read(reader, type.items)));
      return items;
    }
    case "map": {
      const entries = new Map<string, unknown>();
      readBlocks(reader, () => entries.set(readText(reader), read(reader, type.values)));
      return entries;
    }
    case "record":
      return new Map(type.fields.map((field) => [field.name, read(reader, field.type)]));
  }
}

function take(reader: Reader, length: number): Uint8Array {
  const from = reader.at;
  if (from + length > reader.bytes.length) throw new AvroError("the value ends too early");
  reader.at = from + length;
  return reader.bytes.subarray(from, reader.at);
}

/** Zig-zag, seven bits a byte, the lowest first. */
function readLong(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = take(reader, 1)[0] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }
  throw new AvroError("a number has too many bytes");
}

function readLength(reader: Reader): number {
  const length = readLong(reader);
  if (length < 0n || length > 0x7fff_ffffn) throw new AvroError(`${length} cannot be a length or a place`);
  return Number(length);
}

function readText(reader: Reader): string {
  try {
    return utf8.decode(take(reader, readLength(reader)));
  } catch (error) {
    if (error instanceof AvroError) throw error;
    throw new AvroError("a text is not valid UTF-8");
  }
}

/** Items come in blocks; a negative count says that the block's size in bytes follows. */
function readBlocks(reader: Reader, readItem: () => void): void {
  for (let count = readLong(reader); count !== 0n; count = readLong(reader)) {
    if (count < 0n) readLong(reader);
    const items = count < 0n ? -count : count;
    if (items > mostItems) throw new AvroError(`a block of ${items} items is more than a document can hold`);
    for (let item = 0n; item < items; item += 1n) readItem();
  }
}

function pick<Item>(items: readonly Item[], at: number): Item {
  const item = items[at];
  if (item === undefined) throw new AvroError(`there is no branch or symbol ${at}`);
  return item;
}

function toInt(value: bigint, logical: AvroLogical | undefined): unknown {
  if (logical?.kind === "date") return new Date(Number(value * dayMs));
  return new Int32(Number(BigInt.asIntN(32, value)));
}

function toLong(value: bigint, logical: AvroLogical | undefined): unknown {
  if (logical?.kind === "timestamp-millis") return new Date(Number(value));
  if (logical?.kind === "timestamp-micros") return new Date(Number(floorDivide(value, 1000n)));
  return Long.fromBigInt(value);
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n || value % by === 0n ? value / by : value / by - 1n;
}

function toBytes(bytes: Uint8Array, logical: AvroLogical | undefined): unknown {
  if (logical?.kind !== "decimal") return new Binary(bytes.slice());
  let unscaled = 0n;
  for (const byte of bytes) unscaled = (unscaled << 8n) | BigInt(byte);
  unscaled = BigInt.asIntN(bytes.length * 8, unscaled);
  try {
    return Decimal128.fromString(`${unscaled}E-${logical.scale}`);
  } catch {
    throw new AvroError(`the decimal ${unscaled}E-${logical.scale} has more digits than a BSON decimal`);
  }
}
