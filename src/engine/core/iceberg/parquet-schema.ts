import type { IcebergField, IcebergPrimitive } from "./iceberg-type.ts";

/** An element of a Parquet schema, as the writer takes it: those of a group follow it. */
export interface ParquetElement {
  readonly name: string;
  readonly type?: "BOOLEAN" | "INT32" | "INT64" | "DOUBLE" | "BYTE_ARRAY";
  readonly repetition_type?: "REQUIRED" | "OPTIONAL" | "REPEATED";
  readonly num_children?: number;
  readonly field_id?: number;
  readonly converted_type?: "UTF8" | "LIST" | "TIMESTAMP_MICROS";
  readonly logical_type?:
    | { readonly type: "STRING" | "LIST" }
    | { readonly type: "TIMESTAMP"; readonly isAdjustedToUTC: boolean; readonly unit: "MICROS" };
}

/** Columns as a Parquet schema, each with the id by which Iceberg knows it. Source: the specification, Appendix A, "Parquet". */
export function toParquetSchema(fields: readonly IcebergField[]): readonly ParquetElement[] {
  return [{ name: "table", num_children: fields.length }, ...fields.flatMap(toElements)];
}

function toElements({ id, name, required, type }: IcebergField): readonly ParquetElement[] {
  const own = { name, repetition_type: required ? ("REQUIRED" as const) : ("OPTIONAL" as const), field_id: id };
  if (typeof type === "string") return [{ ...own, ...primitives[type] }];
  if (type.type === "struct") return [{ ...own, num_children: type.fields.length }, ...type.fields.flatMap(toElements)];
  const element = { id: type["element-id"], name: "element", required: type["element-required"], type: type.element };
  return [
    { ...own, num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...toElements(element),
  ];
}

const primitives: Readonly<Record<IcebergPrimitive, Omit<ParquetElement, "name">>> = {
  boolean: { type: "BOOLEAN" },
  int: { type: "INT32" },
  long: { type: "INT64" },
  double: { type: "DOUBLE" },
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  binary: { type: "BYTE_ARRAY" },
  timestamptz: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
};
