import { Int32, Long } from "bson";
import type { ObjectContainer } from "../avro/object-container.ts";
import { fieldOf } from "../exact-bson.ts";
import { avroField } from "./avro-field.ts";

/** A manifest, as the list of a snapshot names it. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly content: "data" | "deletes";
  readonly specId: number;
  readonly sequence: number;
  /** The lowest of its files. */
  readonly minSequence: number;
  readonly snapshotId: number;
  readonly added: ManifestCounts;
  readonly existing: ManifestCounts;
}

export interface ManifestCounts {
  readonly files: number;
  readonly rows: number;
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
    minSequence: Number(fieldOf(record, "min_sequence_number") ?? 0),
    snapshotId: Number(fieldOf(record, "added_snapshot_id")),
    added: countsIn(record, "added"),
    existing: countsIn(record, "existing"),
  }));
}

function countsIn(record: unknown, name: "added" | "existing"): ManifestCounts {
  return {
    files: Number(fieldOf(record, `${name}_files_count`) ?? 0),
    rows: Number(fieldOf(record, `${name}_rows_count`) ?? 0),
  };
}

function toListRecord(manifest: ManifestFile): unknown {
  const { added: own, existing } = manifest;
  return {
    manifest_path: manifest.path,
    manifest_length: Long.fromNumber(manifest.bytes),
    partition_spec_id: new Int32(manifest.specId),
    content: new Int32(manifest.content === "data" ? 0 : 1),
    sequence_number: Long.fromNumber(manifest.sequence),
    min_sequence_number: Long.fromNumber(manifest.minSequence),
    added_snapshot_id: Long.fromNumber(manifest.snapshotId),
    added_files_count: new Int32(own.files),
    existing_files_count: new Int32(existing.files),
    deleted_files_count: new Int32(0),
    added_rows_count: Long.fromNumber(own.rows),
    existing_rows_count: Long.fromNumber(existing.rows),
    deleted_rows_count: Long.ZERO,
  };
}

const manifestListSchema = {
  type: "record",
  name: "manifest_file",
  fields: [
    avroField(500, "manifest_path", "string"),
    avroField(501, "manifest_length", "long"),
    avroField(502, "partition_spec_id", "int"),
    avroField(517, "content", "int"),
    avroField(515, "sequence_number", "long"),
    avroField(516, "min_sequence_number", "long"),
    avroField(503, "added_snapshot_id", "long"),
    avroField(504, "added_files_count", "int"),
    avroField(505, "existing_files_count", "int"),
    avroField(506, "deleted_files_count", "int"),
    avroField(512, "added_rows_count", "long"),
    avroField(513, "existing_rows_count", "long"),
    avroField(514, "deleted_rows_count", "long"),
  ],
};
