import type { Row } from "./fit-document.ts";
import { fieldAt, nameOfIceberg, type IcebergField, type IcebergPrimitive } from "./iceberg-type.ts";
import { applyTransform, parseTransform, resultType, transformText, type Transform } from "./transforms.ts";

/** As the metadata of a table has it in JSON. */
export interface PartitionSpec {
  readonly "spec-id": number;
  readonly fields: readonly PartitionField[];
}

export interface PartitionField {
  readonly "source-id": number;
  readonly "field-id": number;
  readonly name: string;
  readonly transform: string;
}

/** One part of how a table is divided, as `partitionedBy` has it. */
export interface PartitionedBy {
  /** Of the column, or of a field in one of structs. */
  readonly path: string;
  readonly transform: Transform;
}

/** Ids of partition fields begin here. Source: the specification, "Partition Specs". */
export const firstPartitionId = 1000;

/** The part of a partition that a row's value makes, ready to use. */
export interface PartitionPart {
  readonly field: PartitionField;
  readonly type: IcebergPrimitive;
  valueOf(row: Row): unknown;
}

/**
 * The spec of a table that is made now.
 *
 * @returns the reason where a column is not there yet, or has a type that its transform is not for
 */
export function makeSpec(
  parts: readonly PartitionedBy[],
  columns: readonly IcebergField[],
): PartitionSpec | { readonly reason: string } {
  const fields: PartitionField[] = [];
  for (const [at, { path, transform }] of parts.entries()) {
    const column = fieldAt(columns, path);
    if (column === undefined) return { reason: `\`${path}\` is missing, and a new table is to be partitioned by it` };
    if (resultType(transform, column.type) === undefined) {
      return {
        reason: `\`${path}\` is ${nameOfIceberg(column.type)}, which cannot be partitioned by ${transformText(transform)}`,
      };
    }
    const name =
      transform.kind === "identity" ? path : `${path}_${transform.kind === "truncate" ? "trunc" : transform.kind}`;
    fields.push({
      "source-id": column.id,
      "field-id": firstPartitionId + at,
      name,
      transform: transformText(transform),
    });
  }
  return { "spec-id": 0, fields };
}

/** @returns `undefined` where a column or a transform is not known here */
export function partsOf(spec: PartitionSpec, columns: readonly IcebergField[]): readonly PartitionPart[] | undefined {
  const parts: PartitionPart[] = [];
  for (const field of spec.fields) {
    const transform = parseTransform(field.transform);
    const steps = stepsTo(columns, field["source-id"]);
    const type = transform && steps && resultType(transform, steps.type);
    if (transform === undefined || steps === undefined || type === undefined) return undefined;
    parts.push({ field, type, valueOf: (row) => applyTransform(transform, valueAt(row, steps.names)) });
  }
  return parts;
}

/** The names on the way to a field, by its id. */
function stepsTo(
  fields: readonly IcebergField[],
  id: number,
): { readonly names: readonly string[]; readonly type: IcebergField["type"] } | undefined {
  for (const { id: own, name, type } of fields) {
    if (own === id) return { names: [name], type };
    if (typeof type === "string" || type.type !== "struct") continue;
    const inner = stepsTo(type.fields, id);
    if (inner !== undefined) return { ...inner, names: [name, ...inner.names] };
  }
  return undefined;
}

function valueAt(row: Row, [first = "", ...rest]: readonly string[]): unknown {
  let value = row.get(first);
  for (const name of rest) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}
