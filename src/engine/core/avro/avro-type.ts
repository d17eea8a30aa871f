/** A schema with its names resolved; records that hold themselves are cycles. */
export type AvroType =
  | { readonly kind: AvroPrimitive; readonly logical?: AvroLogical }
  | { readonly kind: "fixed"; readonly name: string; readonly size: number; readonly logical?: AvroLogical }
  | { readonly kind: "enum"; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: "array"; readonly items: AvroType }
  | { readonly kind: "map"; readonly values: AvroType }
  | { readonly kind: "record"; readonly name: string; readonly fields: readonly AvroField[] }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] };

export const avroPrimitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] as const;
export type AvroPrimitive = (typeof avroPrimitives)[number];

/** Logical types that have a BSON type of their own; any other is what it is made of. */
export type AvroLogical =
  | { readonly kind: "timestamp-millis" | "timestamp-micros" | "date" }
  | { readonly kind: "decimal"; readonly scale: number };

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** In JSON, as the schema has it; absent where there is none. */
  readonly fallback?: { readonly json: unknown };
}

/** Why a schema or a value cannot be used. Its message is shown to users. */
export class AvroError extends Error {
  override readonly name = "AvroError";
}

/** How a type reads in a message. */
export function nameOfAvro(type: AvroType): string {
  if (type.kind === "union") return type.branches.map(nameOfAvro).join(" or ");
  return "name" in type ? `${type.kind} ${type.name}` : type.kind;
}
