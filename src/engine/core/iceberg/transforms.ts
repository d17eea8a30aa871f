import { plainTransforms } from "../../../stages/values.ts";
import type { IcebergPrimitive, IcebergType } from "./iceberg-type.ts";
import { murmur3 } from "./murmur3.ts";

/** How a column's value becomes that of a partition, as the metadata of a table has it: `identity`, `day`, `bucket[16]` … */
export type Transform =
  | { readonly kind: "identity" | "year" | "month" | "day" | "hour" }
  | { readonly kind: "bucket" | "truncate"; readonly width: number };

const most = 2 ** 31 - 1;
const utf8 = new TextEncoder();

/** Reads a transform as `partitionedBy` has it. Source: asp-language section 1.13. */
export function readTransform(value: unknown): Transform | undefined {
  const plain = plainTransforms.find((kind) => kind === value);
  if (plain !== undefined) return { kind: plain };
  if (typeof value !== "object" || value === null) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [kind, own] = entry;
  const width = typeof own === "string" ? Number.NaN : Number(own);
  if ((kind !== "bucket" && kind !== "truncate") || !Number.isInteger(width) || width < 1 || width > most)
    return undefined;
  return { kind, width };
}

/** Reads what {@link transformText} writes; `undefined` for a transform that is not known here. */
export function parseTransform(text: string): Transform | undefined {
  const [, kind, width] = /^(bucket|truncate)\[(\d+)\]$/u.exec(text) ?? [];
  return kind === undefined ? readTransform(text) : readTransform({ [kind]: Number(width) });
}

export function transformText(transform: Transform): string {
  return "width" in transform ? `${transform.kind}[${transform.width}]` : transform.kind;
}

/** What values of a type become; `undefined` where the transform is not for them. Source: the specification, "Partition Transforms". */
export function resultType(transform: Transform, type: IcebergType): IcebergPrimitive | undefined {
  if (typeof type !== "string") return undefined;
  switch (transform.kind) {
    case "identity":
      return type;
    case "bucket":
      return type === "double" || type === "boolean" ? undefined : "int";
    case "truncate":
      return ["int", "long", "string", "binary"].includes(type) ? type : undefined;
    default:
      return type === "timestamptz" ? "int" : undefined;
  }
}

/** A partition's value of a value as rows have it; null stays null. */
export function applyTransform(transform: Transform, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  switch (transform.kind) {
    case "identity":
      return value;
    case "bucket":
      return (murmur3(hashedBytes(value)) & most) % transform.width;
    case "truncate":
      return truncate(value, transform.width);
    default:
      return since1970(transform.kind, value as bigint);
  }
}

/** Whole numbers count as longs, so that a column may be widened. */
function hashedBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return utf8.encode(value);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value as number | bigint), true);
  return bytes;
}

function truncate(value: unknown, width: number): unknown {
  if (typeof value === "string") return Array.from(value).slice(0, width).join("");
  if (value instanceof Uint8Array) return value.slice(0, width);
  const whole = BigInt(value as number | bigint);
  const wide = BigInt(width);
  const down = whole - (((whole % wide) + wide) % wide);
  return typeof value === "number" ? Number(down) : down;
}

function since1970(unit: "year" | "month" | "day" | "hour", micros: bigint): number {
  const hourMicros = 3_600_000_000n;
  if (unit === "hour") return Number(floorDivide(micros, hourMicros));
  const day = floorDivide(micros, hourMicros * 24n);
  if (unit === "day") return Number(day);
  const date = new Date(Number(day) * 86_400_000);
  const years = date.getUTCFullYear() - 1970;
  return unit === "year" ? years : years * 12 + date.getUTCMonth();
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n || value % by === 0n ? value / by : value / by - 1n;
}
