import type { Binary } from "bson";
import { decodeExact } from "../exact-bson.ts";
import { bytesOfBinary, isBson, nameOfType, toJson } from "../kafka/key-format.ts";
import { nameOfIceberg, type IcebergField, type IcebergPrimitive, type IcebergType } from "./iceberg-type.ts";

/**
 * A row: by column, what the Parquet writer takes. A string, a boolean, a number (int, double), a bigint (long; timestamptz in
 * microseconds), bytes, an array, or for a struct an object without a prototype. What is null or missing is absent.
 */
export type Row = ReadonlyMap<string, unknown>;

/** The columns of a table as far as they are known. */
export interface Columns {
  readonly fields: readonly IcebergField[];
  /** The highest id that any of them has had. */
  readonly lastId: number;
}

export type SchemaInference = "json" | "nested";

/** A document as a row of the columns, which may be more than before. */
export interface Fitted {
  readonly columns: Columns;
  readonly row: Row;
}

interface Fitting {
  readonly mode: SchemaInference;
  lastId: number;
}

class Misfit extends Error {
  override readonly name = "Misfit";
}

const basicJson = { format: "basicJson", dateFormat: "default" } as const;
const uuidSubType = 4;

/**
 * Makes a row of a document. The first value of a field decides its column's type; a field that is null, or an object or array that
 * says nothing of what it holds, makes no column yet.
 *
 * @param bson a whole document
 * @returns the reason where a value does not fit its column, or no Iceberg type is for it
 */
export function fitDocument(
  bson: Uint8Array,
  { fields, lastId }: Columns,
  mode: SchemaInference,
): Fitted | { readonly reason: string } {
  const fitting: Fitting = { mode, lastId };
  try {
    const { fields: wider, values } = fitFields(fields, entriesOf(decodeExact(bson)), fitting, "");
    return { columns: { fields: wider, lastId: fitting.lastId }, row: values };
  } catch (error) {
    if (error instanceof Misfit) return { reason: error.message };
    throw error;
  }
}

function fitFields(
  fields: readonly IcebergField[],
  entries: readonly (readonly [string, unknown])[],
  fitting: Fitting,
  prefix: string,
): { readonly fields: readonly IcebergField[]; readonly values: ReadonlyMap<string, unknown> } {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const values = new Map<string, unknown>();
  for (const [name, value] of entries) {
    if (name === "") throw new Misfit("a field without a name cannot be a column");
    if (value === null) continue;
    const known = byName.get(name);
    const fitted = fit(known?.type, value, fitting, `${prefix}${name}`);
    if (fitted === undefined) continue;
    if (known === undefined) fitting.lastId += 1;
    const { id, required } = known ?? { id: fitting.lastId, required: false };
    byName.set(name, { id, name, required, type: fitted.type });
    values.set(name, fitted.value);
  }
  return { fields: [...byName.values()], values };
}

/** @returns `undefined` where there is no type yet, and the value does not tell one */
function fit(
  type: IcebergType | undefined,
  value: unknown,
  fitting: Fitting,
  path: string,
): { readonly type: IcebergType; readonly value: unknown } | undefined {
  const wanted = type ?? typeOf(value, fitting.mode) ?? unsupported(value, path);
  if (wanted === "struct" || (typeof wanted !== "string" && wanted.type === "struct")) {
    if (!isObject(value)) return misfit(value, "struct", path);
    const before = typeof wanted === "string" ? [] : wanted.fields;
    const { fields, values } = fitFields(before, entriesOf(value), fitting, `${path}.`);
    if (fields.length === 0) return undefined;
    return { type: { type: "struct", fields }, value: toStruct(values) };
  }
  if (wanted === "list" || (typeof wanted !== "string" && wanted.type === "list")) {
    if (!Array.isArray(value)) return misfit(value, "list", path);
    const own = typeof wanted === "string" ? undefined : wanted;
    let element = own?.element;
    const items = value.map((item: unknown) => {
      const fitted = item === null ? undefined : fit(element, item, fitting, `${path}[]`);
      element = fitted?.type ?? element;
      return fitted?.value ?? null;
    });
    if (element === undefined) return undefined;
    if (own === undefined) fitting.lastId += 1;
    const id = own?.["element-id"] ?? fitting.lastId;
    return { type: { type: "list", "element-id": id, "element-required": false, element }, value: items };
  }
  return { type: wanted, value: toPrimitive(wanted, value) ?? misfit(value, wanted, path) };
}

/** The type that a value's column has where it is the first. */
function typeOf(value: unknown, mode: SchemaInference): IcebergPrimitive | "struct" | "list" | undefined {
  if (typeof value === "string" || isBson(value, "ObjectId") || isUuid(value)) return "string";
  if (typeof value === "boolean") return "boolean";
  if (isBson(value, "Int32")) return "int";
  if (isBson(value, "Long")) return "long";
  if (isBson(value, "Double")) return "double";
  if (isBson(value, "Binary")) return "binary";
  if (value instanceof Date || isBson(value, "Timestamp")) return "timestamptz";
  if (Array.isArray(value)) return mode === "json" ? "string" : "list";
  if (isObject(value)) return mode === "json" ? "string" : "struct";
  return undefined;
}

/** @returns `undefined` where it does not fit without losing something */
function toPrimitive(type: IcebergPrimitive, value: unknown): unknown {
  switch (type) {
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "int":
      return isBson(value, "Int32") ? Number(value) : undefined;
    case "long":
      if (isBson(value, "Int32")) return BigInt(Number(value));
      return isBson(value, "Long") ? value.toBigInt() : undefined;
    case "double":
      return isBson(value, "Double") || isBson(value, "Int32") ? Number(value) : undefined;
    case "binary":
      return isBson(value, "Binary") && !isUuid(value) ? bytesOfBinary(value).slice() : undefined;
    case "timestamptz":
      return toMicros(value);
    case "string":
      return toText(value);
  }
}

/** A timestamp has whole seconds: its counter is no part of a second. */
function toMicros(value: unknown): bigint | undefined {
  if (isBson(value, "Timestamp")) return BigInt(value.getHighBitsUnsigned()) * 1_000_000n;
  // BSON has dates that JavaScript does not; those of JavaScript have microseconds in 64 bits.
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined;
  return BigInt(value.getTime()) * 1000n;
}

function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (isBson(value, "ObjectId")) return String(value);
  if (isUuid(value)) return uuidText(bytesOfBinary(value));
  return Array.isArray(value) || isObject(value) ? toJson(value, basicJson) : undefined;
}

function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
}

function isUuid(value: unknown): value is Binary {
  return isBson(value, "Binary") && value.sub_type === uuidSubType && bytesOfBinary(value).length === 16;
}

function isObject(value: unknown): value is object {
  if (value instanceof Map) return true;
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !("_bsontype" in value)
  );
}

function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  return value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value);
}

/** Without a prototype, so that any name may be that of a field. */
function toStruct(values: ReadonlyMap<string, unknown>): object {
  const struct = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of values) struct[name] = value;
  return struct;
}

function unsupported(value: unknown, path: string): never {
  throw new Misfit(`\`${path}\` is ${nameOfType(value)}, which no Iceberg type is for`);
}

function misfit(value: unknown, wanted: IcebergType | "struct" | "list", path: string): never {
  const column = wanted === "struct" || wanted === "list" ? wanted : nameOfIceberg(wanted);
  throw new Misfit(`\`${path}\` is ${nameOfType(value)}, and its column is ${column}`);
}
