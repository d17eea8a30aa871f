import type { Columns } from "./fit-document.ts";
import { isPrimitive, type IcebergField, type IcebergType } from "./iceberg-type.ts";
import { firstPartitionId, type PartitionSpec } from "./partition-spec.ts";

/** A version of a table, as its `metadata.json` has it. Source: the Iceberg table specification, version 2, "Table Metadata". */
export interface TableMetadata {
  readonly "format-version": 2;
  readonly "table-uuid": string;
  /** Where its files are, as a URL; they are named below it. */
  readonly location: string;
  readonly "last-sequence-number": number;
  readonly "last-updated-ms": number;
  readonly "last-column-id": number;
  readonly schemas: readonly TableSchema[];
  readonly "current-schema-id": number;
  readonly "partition-specs": readonly PartitionSpec[];
  readonly "default-spec-id": number;
  readonly "last-partition-id": number;
  readonly "sort-orders": readonly unknown[];
  readonly "default-sort-order-id": number;
  readonly properties?: Readonly<Record<string, string>>;
  readonly refs?: Readonly<Record<string, { readonly "snapshot-id": number; readonly type: string }>>;
  readonly "current-snapshot-id"?: number | null;
  readonly snapshots?: readonly Snapshot[];
  readonly "snapshot-log"?: readonly { readonly "timestamp-ms": number; readonly "snapshot-id": number }[];
  readonly "metadata-log"?: readonly { readonly "timestamp-ms": number; readonly "metadata-file": string }[];
}

export interface TableSchema {
  readonly type: "struct";
  readonly "schema-id": number;
  readonly fields: readonly IcebergField[];
}

export interface Snapshot {
  readonly "snapshot-id": number;
  readonly "parent-snapshot-id"?: number;
  readonly "sequence-number": number;
  readonly "timestamp-ms": number;
  readonly "manifest-list": string;
  readonly "schema-id"?: number;
  readonly summary: Readonly<Record<string, string>>;
}

/** What a snapshot adds to the table. */
export interface Added {
  readonly snapshotId: number;
  readonly manifestList: string;
  readonly dataFiles: number;
  readonly records: number;
  readonly deleteFiles: number;
  readonly deletes: number;
}

/** Why a table cannot be gone on with. Its message is shown to users. */
export class TableError extends Error {
  override readonly name = "TableError";
}

/** So many snapshots are remembered, and so many earlier versions of the metadata. */
const mostHistory = 100;

/** A table without a snapshot: it becomes one to others with the first. */
export function newTable(table: {
  readonly uuid: string;
  readonly location: string;
  readonly spec: PartitionSpec;
}): TableMetadata {
  const whole: PartitionSpec = { "spec-id": 1, fields: [] };
  const isPartitioned = table.spec.fields.length > 0;
  return {
    "format-version": 2,
    "table-uuid": table.uuid,
    location: table.location,
    "last-sequence-number": 0,
    "last-updated-ms": 0,
    "last-column-id": 0,
    schemas: [],
    "current-schema-id": 0,
    // Rows are deleted wherever they are, by a spec that has no partitions.
    "partition-specs": isPartitioned ? [table.spec, whole] : [table.spec],
    "default-spec-id": table.spec["spec-id"],
    "last-partition-id": firstPartitionId - 1 + table.spec.fields.length,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    "default-sort-order-id": 0,
    properties: {},
  };
}

/** The next version of a table: with these columns, and a snapshot that adds something. */
export function withSnapshot(
  table: TableMetadata,
  columns: Columns,
  added: Added,
  { nowMs, previousFile }: { readonly nowMs: number; readonly previousFile: string | undefined },
): TableMetadata {
  const atMs = Math.max(nowMs, table["last-updated-ms"]);
  const schema = schemaFor(table, columns);
  const sequence = table["last-sequence-number"] + 1;
  const parent = currentSnapshot(table);
  const snapshot: Snapshot = {
    "snapshot-id": added.snapshotId,
    ...(parent === undefined ? {} : { "parent-snapshot-id": parent["snapshot-id"] }),
    "sequence-number": sequence,
    "timestamp-ms": atMs,
    "manifest-list": added.manifestList,
    "schema-id": schema["schema-id"],
    summary: summaryOf(added, parent),
  };
  const isNew = !table.schemas.includes(schema);
  const log = { "timestamp-ms": atMs, "snapshot-id": added.snapshotId };
  const earlier = table["metadata-log"] ?? [];
  const before =
    previousFile === undefined ? [] : [{ "timestamp-ms": table["last-updated-ms"], "metadata-file": previousFile }];
  return {
    ...table,
    "last-sequence-number": sequence,
    "last-updated-ms": atMs,
    "last-column-id": Math.max(table["last-column-id"], columns.lastId),
    schemas: isNew ? [...table.schemas, schema] : table.schemas,
    "current-schema-id": schema["schema-id"],
    "current-snapshot-id": added.snapshotId,
    refs: { ...table.refs, main: { "snapshot-id": added.snapshotId, type: "branch" } },
    snapshots: [...(table.snapshots ?? []), snapshot].slice(-mostHistory),
    "snapshot-log": [...(table["snapshot-log"] ?? []), log].slice(-mostHistory),
    "metadata-log": [...earlier, ...before].slice(-mostHistory),
  };
}

/** A schema with these columns: one that is there, or the next. */
export function schemaFor({ schemas }: TableMetadata, { fields }: Columns): TableSchema {
  const text = JSON.stringify(fields);
  const same = schemas.find((schema) => JSON.stringify(schema.fields) === text);
  const nextId = schemas.reduce((most, schema) => Math.max(most, schema["schema-id"]), -1) + 1;
  return same ?? { type: "struct", "schema-id": nextId, fields };
}

export function currentSchema(table: TableMetadata): TableSchema | undefined {
  return table.schemas.find((schema) => schema["schema-id"] === table["current-schema-id"]);
}

export function currentSnapshot({ snapshots = [], ...table }: TableMetadata): Snapshot | undefined {
  return snapshots.find((snapshot) => snapshot["snapshot-id"] === table["current-snapshot-id"]);
}

/** The spec that rows are divided by, and the one without partitions that deletes are written under. */
export function specsOf(table: TableMetadata): { readonly rows: PartitionSpec; readonly deletes: PartitionSpec } {
  const specs = table["partition-specs"];
  const rows = specs.find((spec) => spec["spec-id"] === table["default-spec-id"]);
  if (rows === undefined) throw new TableError("it has no partition spec");
  const deletes = specs.find(({ fields }) => fields.length === 0);
  if (deletes === undefined) throw new TableError("it has no partition spec under which rows could be deleted");
  return { rows, deletes };
}

/**
 * Reads a `metadata.json`.
 *
 * @throws TableError for one that asp cannot go on with
 */
export function parseTableMetadata(text: string): TableMetadata {
  const table = parseJson(text);
  const version = table?.["format-version"];
  if (table === undefined || version === undefined)
    throw new TableError("its metadata is not that of an Iceberg table");
  if (version !== 2) throw new TableError(`its format has version ${String(version)}, and asp writes version 2`);
  const lists = [table["schemas"], table["partition-specs"], table["snapshots"] ?? []];
  const numbers = [table["last-sequence-number"], table["last-updated-ms"], table["last-column-id"]];
  const ids = ((table["snapshots"] ?? []) as readonly Snapshot[]).map((snapshot) => snapshot["snapshot-id"]);
  if (!lists.every(Array.isArray) || ![...numbers, ...ids].every(Number.isSafeInteger)) {
    throw new TableError("its metadata has parts that asp cannot read without losing something");
  }
  const metadata = table as unknown as TableMetadata;
  const foreign = currentSchema(metadata)?.fields.find(({ type }) => !isKnown(type));
  if (foreign !== undefined)
    throw new TableError(`its column \`${foreign.name}\` has a type that \`$iceberg\` does not write`);
  return metadata;
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isKnown(type: IcebergType): boolean {
  if (isPrimitive(type)) return true;
  if (typeof type === "string") return false;
  if (type.type === "list") return isKnown(type.element);
  return type.type === "struct" && type.fields.every((field) => isKnown(field.type));
}

function summaryOf(added: Added, parent: Snapshot | undefined): Readonly<Record<string, string>> {
  const total = (name: string, more: number): string => String(Number(parent?.summary[name] ?? 0) + more);
  const deletes = added.deleteFiles > 0;
  return {
    operation: deletes ? (added.dataFiles > 0 ? "overwrite" : "delete") : "append",
    "added-data-files": String(added.dataFiles),
    "added-records": String(added.records),
    ...(deletes && {
      "added-delete-files": String(added.deleteFiles),
      "added-equality-delete-files": String(added.deleteFiles),
      "added-equality-deletes": String(added.deletes),
    }),
    "total-data-files": total("total-data-files", added.dataFiles),
    "total-delete-files": total("total-delete-files", added.deleteFiles),
    "total-records": total("total-records", added.records),
    "total-position-deletes": "0",
    "total-equality-deletes": total("total-equality-deletes", added.deletes),
  };
}
