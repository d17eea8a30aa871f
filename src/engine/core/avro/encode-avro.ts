import { fieldOf } from "../exact-bson.ts";
import { bytesOfBinary, isBson, nameOfType } from "../kafka/key-format.ts";
import { AvroError, nameOfAvro, type AvroField, type AvroLogical, type AvroType } from "./avro-type.ts";

const utf8 = new TextEncoder();
const dayMs = 86_400_000;

/**
 * Writes a value, with its BSON types, as a schema wants it. A number fits where nothing of it is lost; of a union the first branch that fits
 * is taken; a missing field is its default, or null. Fields that the schema does not have are left out.
 *
 * @throws AvroError where the value does not fit
 */
export function encodeAvro(value: unknown, type: AvroType): Uint8Array {
  const writer: Writer = { chunks: [], path: [] };
  write(writer, value, type);
  return concat(writer.chunks);
}

type AvroFixed = AvroType & { readonly kind: "fixed" };
type AvroBytes = AvroFixed | { readonly kind: "bytes"; readonly logical?: AvroLogical };

interface Writer {
  readonly chunks: Uint8Array[];
  /** Names of the fields on the way, for a message. */
  readonly path: string[];
}

function write(writer: Writer, value: unknown, type: AvroType): void {
  switch (type.kind) {
    case "null":
      if (value !== null && value !== undefined) misfit(writer, value, type);
      return;
    case "boolean":
      if (typeof value !== "boolean") return misfit(writer, value, type);
      return put(writer, new Uint8Array([value ? 1 : 0]));
    case "int":
    case "long":
      putLong(writer, wholeOf(value, type) ?? misfit(writer, value, type));
      return;
    case "float":
    case "double":
      putFloat(writer, numberOf(value) ?? misfit(writer, value, type), type.kind);
      return;
    case "bytes":
      return writeBytes(writer, value, { ...type, kind: "bytes" });
    case "fixed":
      return writeBytes(writer, value, type);
    case "string":
      if (typeof value !== "string") return misfit(writer, value, type);
      return putText(writer, value);
    case "enum": {
      const at = typeof value === "string" ? type.symbols.indexOf(value) : -1;
      if (at === -1) misfit(writer, value, type);
      return putLong(writer, BigInt(at));
    }
    case "union":
      return writeUnion(writer, value, type.branches, type);
    case "array":
      if (!Array.isArray(value)) return misfit(writer, value, type);
      if (value.length > 0) putLong(writer, BigInt(value.length));
      for (const [index, item] of value.entries()) within(writer, String(index), () => write(writer, item, type.items));
      return putLong(writer, 0n);
    case "map": {
      const entries = entriesOf(value) ?? misfit(writer, value, type);
      if (entries.length > 0) putLong(writer, BigInt(entries.length));
      for (const [key, each] of entries) {
        putText(writer, key);
        within(writer, key, () => write(writer, each, type.values));
      }
      return putLong(writer, 0n);
    }
    case "record":
      if (entriesOf(value) === undefined) misfit(writer, value, type);
      for (const field of type.fields)
        within(writer, field.name, () => writeField(writer, fieldOf(value, field.name), field));
  }
}

function writeField(writer: Writer, value: unknown, { type, fallback }: AvroField): void {
  if (value !== undefined || fallback === undefined) return write(writer, value, type);
  // A default is of a union's first branch.
  writeDefault(writer, fallback.json, type.kind === "union" ? (type.branches[0] ?? type) : type, type);
}

/** A default is JSON: its bytes are a text of characters up to 255. */
function writeDefault(writer: Writer, json: unknown, type: AvroType, whole: AvroType): void {
  if (whole.kind === "union") putLong(writer, 0n);
  if ((type.kind === "bytes" || type.kind === "fixed") && typeof json === "string") {
    const bytes = Uint8Array.from(json, (character) => character.charCodeAt(0));
    if (type.kind === "bytes") putLong(writer, BigInt(bytes.length));
    return put(writer, bytes);
  }
  if ((type.kind === "int" || type.kind === "long") && typeof json === "number") return putLong(writer, BigInt(json));
  write(writer, json, type);
}

function writeUnion(writer: Writer, value: unknown, branches: readonly AvroType[], whole: AvroType): void {
  const { length } = writer.chunks;
  const depth = writer.path.length;
  for (const [at, branch] of branches.entries()) {
    try {
      putLong(writer, BigInt(at));
      write(writer, value, branch);
      return;
    } catch (error) {
      if (!(error instanceof AvroError)) throw error;
      // With one branch beside null, what is wrong within it says more than that none fits.
      const isTheOne = branch.kind !== "null" && branches.length <= 2 && value !== null && value !== undefined;
      if (isTheOne && writer.path.length > depth) throw error;
      writer.chunks.length = length;
      writer.path.length = depth;
    }
  }
  misfit(writer, value, whole);
}

function writeBytes(writer: Writer, value: unknown, type: AvroBytes): void {
  const size = type.kind === "fixed" ? type.size : undefined;
  const bytes = bytesOf(value, type.logical, size) ?? misfit(writer, value, type);
  if (size === undefined) putLong(writer, BigInt(bytes.length));
  else if (bytes.length !== size) misfit(writer, value, type);
  put(writer, bytes);
}

function bytesOf(value: unknown, logical: AvroLogical | undefined, size: number | undefined): Uint8Array | undefined {
  if (isBson(value, "Binary")) return bytesOfBinary(value);
  if (logical?.kind !== "decimal" || !isBson(value, "Decimal128")) return undefined;
  const unscaled = unscaledOf(String(value), logical.scale);
  if (unscaled === undefined) return undefined;
  let length = size ?? 1;
  while (size === undefined && BigInt.asIntN(length * 8, unscaled) !== unscaled) length += 1;
  if (BigInt.asIntN(length * 8, unscaled) !== unscaled) return undefined;
  return Uint8Array.from({ length }, (_, at) => Number((unscaled >> BigInt(8 * (length - 1 - at))) & 0xffn));
}

/** A decimal's digits as a whole number with so many after the point; `undefined` where that would lose some. */
function unscaledOf(decimal: string, scale: number): bigint | undefined {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([-+]?\d+))?$/.exec(decimal) ?? [];
  if (whole === "") return undefined;
  const shift = scale + Number(exponent) - fraction.length;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

function wholeOf(value: unknown, type: { readonly kind: string; readonly logical?: AvroLogical }): bigint | undefined {
  const { logical } = type;
  if (value instanceof Date) {
    const ms = value.getTime();
    if (Number.isNaN(ms)) return undefined;
    if (logical?.kind === "timestamp-millis") return BigInt(ms);
    if (logical?.kind === "timestamp-micros") return BigInt(ms) * 1000n;
    return logical?.kind === "date" ? BigInt(Math.floor(ms / dayMs)) : undefined;
  }
  const whole = isBson(value, "Long") ? value.toBigInt() : isBson(value, "Int32") ? BigInt(Number(value)) : undefined;
  return type.kind === "int" && whole !== undefined && BigInt.asIntN(32, whole) !== whole ? undefined : whole;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (isBson(value, "Double") || isBson(value, "Int32")) return Number(value);
  if (!isBson(value, "Long")) return undefined;
  const number = Number(value.toBigInt());
  return BigInt(number) === value.toBigInt() ? number : undefined;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...(value as Map<string, unknown>)];
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return undefined;
  return "_bsontype" in value ? undefined : Object.entries(value);
}

function misfit(writer: Writer, value: unknown, type: AvroType): never {
  const at = writer.path.length === 0 ? "the value" : `\`${writer.path.join(".")}\``;
  throw new AvroError(`${at} is ${nameOfType(value)}, the schema wants ${nameOfAvro(type)}`);
}

function within(writer: Writer, name: string, work: () => void): void {
  writer.path.push(name);
  work();
  writer.path.pop();
}

function put(writer: Writer, bytes: Uint8Array): void {
  writer.chunks.push(bytes);
}

function putText(writer: Writer, text: string): void {
  const bytes = utf8.encode(text);
  putLong(writer, BigInt(bytes.length));
  put(writer, bytes);
}

function putLong(writer: Writer, value: bigint): void {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  put(writer, new Uint8Array(bytes));
}

function putFloat(writer: Writer, value: number, kind: "float" | "double"): void {
  const bytes = new Uint8Array(kind === "float" ? 4 : 8);
  const view = new DataView(bytes.buffer);
  if (kind === "float") view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  put(writer, bytes);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
