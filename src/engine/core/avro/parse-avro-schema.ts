import {
  AvroError,
  avroPrimitives,
  type AvroField,
  type AvroLogical,
  type AvroPrimitive,
  type AvroType,
} from "./avro-type.ts";

/** Named types by their full names. */
export type AvroNames = Map<string, AvroType>;

interface Scope {
  readonly names: AvroNames;
  readonly namespace: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an Avro declaration, as JSON has it.
 *
 * @param names types that others have declared; those of this schema are added
 * @throws AvroError
 */
export function parseAvroSchema(schema: unknown, names: AvroNames = new Map()): AvroType {
  return parse(schema, { names, namespace: undefined });
}

function parse(schema: unknown, scope: Scope): AvroType {
  if (typeof schema === "string") return parseName(schema, scope);
  if (Array.isArray(schema)) return { kind: "union", branches: schema.map((branch) => parse(branch, scope)) };
  if (typeof schema !== "object" || schema === null) throw new AvroError(`\`${String(schema)}\` is not an Avro type`);
  const json = schema as Json;
  const { type } = json;
  switch (type) {
    case "record":
    case "error":
      return parseRecord(json, scope);
    case "enum": {
      const symbols = listOf(json, "symbols").map(String);
      return declare(json, scope, (name) => ({ kind: "enum", name, symbols }));
    }
    case "fixed": {
      const size = Number(json["size"]);
      if (!Number.isInteger(size) || size < 0) throw new AvroError("a fixed type needs a `size`");
      return declare(json, scope, (name) => ({ kind: "fixed", name, size, ...logicalOf(json, "fixed") }));
    }
    case "array":
      return { kind: "array", items: parse(json["items"], scope) };
    case "map":
      return { kind: "map", values: parse(json["values"], scope) };
    default:
      return isPrimitive(type) ? { kind: type, ...logicalOf(json, type) } : parse(type, scope);
  }
}

function parseName(name: string, { names, namespace }: Scope): AvroType {
  if (isPrimitive(name)) return { kind: name };
  const qualified = name.includes(".") || namespace === undefined ? name : `${namespace}.${name}`;
  const found = names.get(qualified) ?? names.get(name);
  if (found === undefined) throw new AvroError(`there is no Avro type \`${name}\``);
  return found;
}

function parseRecord(json: Json, scope: Scope): AvroType {
  const fields: AvroField[] = [];
  const record = declare(json, scope, (name) => ({ kind: "record", name, fields }));
  const inner = { ...scope, namespace: namespaceOf(json, scope) };
  // The record is known by now: its fields may hold it.
  for (const each of listOf(json, "fields")) {
    const field = each as Json;
    const fallback = Object.hasOwn(field, "default") ? { fallback: { json: field["default"] } } : {};
    fields.push({ name: String(field["name"]), type: parse(field["type"], inner), ...fallback });
  }
  return record;
}

function declare(json: Json, scope: Scope, make: (name: string) => AvroType): AvroType {
  const { name } = json;
  if (typeof name !== "string" || name === "") throw new AvroError(`a type ${String(json["type"])} needs a \`name\``);
  const namespace = namespaceOf(json, scope);
  const full = name.includes(".") || namespace === undefined ? name : `${namespace}.${name}`;
  const type = make(full);
  scope.names.set(full, type);
  return type;
}

function namespaceOf({ name, namespace }: Json, scope: Scope): string | undefined {
  if (typeof name === "string" && name.includes(".")) return name.slice(0, name.lastIndexOf("."));
  if (typeof namespace !== "string") return scope.namespace;
  return namespace === "" ? undefined : namespace;
}

function listOf(json: Json, name: string): readonly unknown[] {
  const list = json[name];
  if (!Array.isArray(list)) throw new AvroError(`a type ${String(json["type"])} needs \`${name}\``);
  return list;
}

function logicalOf(json: Json, kind: string): { readonly logical?: AvroLogical } {
  const { logicalType } = json;
  if ((logicalType === "timestamp-millis" || logicalType === "timestamp-micros") && kind === "long") {
    return { logical: { kind: logicalType } };
  }
  if (logicalType === "date" && kind === "int") return { logical: { kind: "date" } };
  if (logicalType === "decimal" && (kind === "bytes" || kind === "fixed")) {
    return { logical: { kind: "decimal", scale: Number(json["scale"] ?? 0) } };
  }
  return {};
}

function isPrimitive(name: unknown): name is AvroPrimitive {
  return avroPrimitives.some((primitive) => primitive === name);
}
