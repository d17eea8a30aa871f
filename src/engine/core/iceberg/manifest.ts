import { Binary, Double, Int32, Long } from "bson";
import type { ObjectContainer } from "../avro/object-container.ts";
import { fieldOf } from "../exact-bson.ts";
import { avroField, optionalField } from "./avro-field.ts";
import type { IcebergPrimitive } from "./iceberg-type.ts";
import type { ManifestFile } from "./manifest-list.ts";
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

/**
 * Several manifests as one, so that their number does not grow with that of the snapshots: each file keeps the snapshot and the sequence
 * number that it came with.
 *
 * @param manifests of one spec and one content, in the schema that {@link encodeManifest} has for it
 */
export function mergeManifests(
  manifests: readonly { readonly manifest: ManifestFile; readonly container: ObjectContainer }[],
): ObjectContainer {
  const records = manifests.flatMap(({ manifest, container }) =>
    container.records
      .filter((record) => Number(fieldOf(record, "status")) !== deleted)
      .map((record) => {
        const sequence = fieldOf(record, "sequence_number") ?? Long.fromNumber(manifest.sequence);
        return {
          status: int,
          snapshot_id: fieldOf(record, "snapshot_id") ?? Long.fromNumber(manifest.snapshotId),
          sequence_number: sequence,
          file_sequence_number: fieldOf(record, "file_sequence_number") ?? sequence,
          data_file: fieldOf(record, "data_file"),
        };
      }),
  );
  const { schema, metadata } = manifests[0]?.container ?? { schema: manifestSchema([]), metadata: new Map() };
  return { schema, metadata, records };
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

function manifestSchema(parts: readonly PartitionPart[]): object {
  const partition = parts.map(({ field: { name, "field-id": id }, type }) =>
    optionalField(id, avroName(name), avroTypes[type]),
  );
  const fields = [
    avroField(134, "content", "int"),
    avroField(100, "file_path", "string"),
    avroField(101, "file_format", "string"),
    avroField(102, "partition", { type: "record", name: "r102", fields: partition }),
    avroField(103, "record_count", "long"),
    avroField(104, "file_size_in_bytes", "long"),
    optionalField(135, "equality_ids", { type: "array", items: "int", "element-id": 136 }),
    optionalField(140, "sort_order_id", "int"),
  ];
  return {
    type: "record",
    name: "manifest_entry",
    fields: [
      avroField(0, "status", "int"),
      optionalField(1, "snapshot_id", "long"),
      optionalField(3, "sequence_number", "long"),
      optionalField(4, "file_sequence_number", "long"),
      avroField(2, "data_file", { type: "record", name: "r2", fields }),
    ],
  };
}

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
