import { Binary, Double, Int32, Long } from "bson";
import type { ObjectContainer } from "../avro/object-container.ts";
import { fieldOf } from "../exact-bson.ts";
import type { IcebergPrimitive } from "./iceberg-type.ts";
import type { PartitionPart, PartitionSpec } from "./partition-spec.ts";
import type { TableSchema } from "./table-metadata.ts";

/** A file of rows, or of the keys of deleted rows. */
export interface DataFile {
  readonly content: "data" | "equalityDeletes";
  /** Its URL. */
  readonly path: string;
  readonly records: number;
  readonly bytes: number;
  /** Values of its partition, in the order of the spec, as rows have them. */
  readonly partition: readonly unknown[];
  /** Of deletes: the ids of the columns that say which rows. */
  readonly equalityIds?: readonly number[];
}

/** A manifest, as the list of a snapshot names it. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly content: "data" | "deletes";
  readonly specId: number;
  readonly sequence: number;
  readonly snapshotId: number;
  readonly files: number;
  readonly rows: number;
}

const int = new Int32(0);
const added = new Int32(1);
const contents = { data: int, equalityDeletes: new Int32(2) } as const;

/** The files that a snapshot adds. Their sequence number is that of the snapshot. Source: the specification, "Manifests". */
export function encodeManifest(
  files: readonly DataFile[],
  {
    snapshotId,
    schema,
    spec,
    parts,
  }: {
    readonly snapshotId: number;
    readonly schema: TableSchema;
    readonly spec: PartitionSpec;
    readonly parts: readonly PartitionPart[];
  },
): ObjectContainer {
  const isData = files.every(({ content }) => content === "data");
  return {
    schema: manifestSchema(parts),
    metadata: new Map([
      ["schema", JSON.stringify(schema)],
      ["schema-id", String(schema["schema-id"])],
      ["partition-spec", JSON.stringify(spec.fields)],
      ["partition-spec-id", String(spec["spec-id"])],
      ["format-version", "2"],
      ["content", isData ? "data" : "deletes"],
    ]),
    records: files.map((file) => ({
      status: added,
      snapshot_id: Long.fromNumber(snapshotId),
      sequence_number: null,
      file_sequence_number: null,
      data_file: {
        content: contents[file.content],
        file_path: file.path,
        file_format: "PARQUET",
        partition: new Map(
          parts.map(({ field, type }, at) => [avroName(field.name), toAvro(type, file.partition[at])]),
        ),
        record_count: Long.fromNumber(file.records),
        file_size_in_bytes: Long.fromNumber(file.bytes),
        equality_ids: file.equalityIds?.map((id) => new Int32(id)) ?? null,
        sort_order_id: null,
      },
    })),
  };
}

/** The manifests of a snapshot. Records of earlier ones are handed on as they were read. */
export function encodeManifestList(
  manifests: readonly (ManifestFile | { readonly asRead: unknown })[],
  {
    snapshotId,
    parentId,
    sequence,
  }: {
    readonly snapshotId: number;
    readonly parentId: number | undefined;
    readonly sequence: number;
  },
): ObjectContainer {
  return {
    schema: manifestListSchema,
    metadata: new Map([
      ["snapshot-id", String(snapshotId)],
      ["parent-snapshot-id", parentId === undefined ? "null" : String(parentId)],
      ["sequence-number", String(sequence)],
      ["format-version", "2"],
    ]),
    records: manifests.map((manifest) => ("asRead" in manifest ? manifest.asRead : toListRecord(manifest))),
  };
}

/** Reads the list of a snapshot. */
export function decodeManifestList({ records }: ObjectContainer): readonly ManifestFile[] {
  return records.map((record) => ({
    path: String(fieldOf(record, "manifest_path")),
    bytes: Number(fieldOf(record, "manifest_length")),
    content: Number(fieldOf(record, "content") ?? 0) === 0 ? "data" : "deletes",
    specId: Number(fieldOf(record, "partition_spec_id")),
    sequence: Number(fieldOf(record, "sequence_number") ?? 0),
    snapshotId: Number(fieldOf(record, "added_snapshot_id")),
    files: Number(fieldOf(record, "added_files_count") ?? 0),
    rows: Number(fieldOf(record, "added_rows_count") ?? 0),
  }));
}

/** A file that is part of a snapshot. */
export interface LiveFile {
  readonly content: "data" | "positionDeletes" | "equalityDeletes";
  readonly path: string;
  readonly sequence: number;
  readonly equalityIds: readonly number[];
}

const deleted = 2;
const contentNames = ["data", "positionDeletes", "equalityDeletes"] as const;

/** Reads the files of a manifest that are still part of the table. */
export function decodeManifest({ records }: ObjectContainer, { sequence }: ManifestFile): readonly LiveFile[] {
  return records
    .filter((record) => Number(fieldOf(record, "status")) !== deleted)
    .map((record) => {
      const file = fieldOf(record, "data_file");
      const own = fieldOf(record, "sequence_number");
      return {
        content: contentNames[Number(fieldOf(file, "content") ?? 0)] ?? "data",
        path: String(fieldOf(file, "file_path")),
        sequence: own === null || own === undefined ? sequence : Number(own),
        equalityIds: ((fieldOf(file, "equality_ids") ?? []) as readonly unknown[]).map(Number),
      };
    });
}

function toListRecord(manifest: ManifestFile): unknown {
  const sequence = Long.fromNumber(manifest.sequence);
  return {
    manifest_path: manifest.path,
    manifest_length: Long.fromNumber(manifest.bytes),
    partition_spec_id: new Int32(manifest.specId),
    content: new Int32(manifest.content === "data" ? 0 : 1),
    sequence_number: sequence,
    min_sequence_number: sequence,
    added_snapshot_id: Long.fromNumber(manifest.snapshotId),
    added_files_count: new Int32(manifest.files),
    existing_files_count: int,
    deleted_files_count: int,
    added_rows_count: Long.fromNumber(manifest.rows),
    existing_rows_count: Long.ZERO,
    deleted_rows_count: Long.ZERO,
  };
}

/** A field with its id, by which readers know it. */
function field(id: number, name: string, type: unknown): object {
  return { name, type, "field-id": id };
}

function optional(id: number, name: string, type: unknown): object {
  return { name, type: ["null", type], default: null, "field-id": id };
}

function manifestSchema(parts: readonly PartitionPart[]): object {
  const partition = parts.map(({ field: { name, "field-id": id }, type }) =>
    optional(id, avroName(name), avroTypes[type]),
  );
  const fields = [
    field(134, "content", "int"),
    field(100, "file_path", "string"),
    field(101, "file_format", "string"),
    field(102, "partition", { type: "record", name: "r102", fields: partition }),
    field(103, "record_count", "long"),
    field(104, "file_size_in_bytes", "long"),
    optional(135, "equality_ids", { type: "array", items: "int", "element-id": 136 }),
    optional(140, "sort_order_id", "int"),
  ];
  return {
    type: "record",
    name: "manifest_entry",
    fields: [
      field(0, "status", "int"),
      optional(1, "snapshot_id", "long"),
      optional(3, "sequence_number", "long"),
      optional(4, "file_sequence_number", "long"),
      field(2, "data_file", { type: "record", name: "r2", fields }),
    ],
  };
}

const manifestListSchema = {
  type: "record",
  name: "manifest_file",
  fields: [
    field(500, "manifest_path", "string"),
    field(501, "manifest_length", "long"),
    field(502, "partition_spec_id", "int"),
    field(517, "content", "int"),
    field(515, "sequence_number", "long"),
    field(516, "min_sequence_number", "long"),
    field(503, "added_snapshot_id", "long"),
    field(504, "added_files_count", "int"),
    field(505, "existing_files_count", "int"),
    field(506, "deleted_files_count", "int"),
    field(512, "added_rows_count", "long"),
    field(513, "existing_rows_count", "long"),
    field(514, "deleted_rows_count", "long"),
  ],
};

/** Source: the specification, Appendix A, "Avro". */
const avroTypes: Readonly<Record<IcebergPrimitive, unknown>> = {
  boolean: "boolean",
  int: "int",
  long: "long",
  double: "double",
  string: "string",
  binary: "bytes",
  timestamptz: { type: "long", logicalType: "timestamp-micros", "adjust-to-utc": true },
};

function toAvro(type: IcebergPrimitive, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type) {
    case "int":
      return new Int32(value as number);
    case "double":
      return new Double(value as number);
    case "long":
    case "timestamptz":
      return Long.fromBigInt(value as bigint);
    case "binary":
      return new Binary(value as Uint8Array);
    case "boolean":
    case "string":
      return value;
  }
}

/** Avro's names have letters, digits and underscores, and no digit first. */
function avroName(name: string): string {
  const plain = name.replaceAll(
    /\W/gu,
    (character) => `_x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );
  return /^\d/u.test(plain) ? `_${plain}` : plain;
}
