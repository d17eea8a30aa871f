import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { encodeContainer } from "../../core/avro/object-container.ts";
import type { Columns, Row } from "../../core/iceberg/fit-document.ts";
import { encodeManifest, type DataFile } from "../../core/iceberg/manifest.ts";
import { encodeManifestList, type ManifestFile } from "../../core/iceberg/manifest-list.ts";
import { partsOf, type PartitionPart, type PartitionSpec } from "../../core/iceberg/partition-spec.ts";
import {
  currentSnapshot,
  schemaFor,
  specsOf,
  TableError,
  withSnapshot,
  type TableSchema,
} from "../../core/iceberg/table-metadata.ts";
import { mergeEarlier, readList } from "./merge-earlier.ts";
import type { EncodeParquet } from "./encode-parquet.ts";
import { metadataFile, type StoredTable, type TableFiles } from "./table-files.ts";

/** What a snapshot is to add: rows, and the keys whose earlier rows go. */
export interface Changes {
  readonly columns: Columns;
  readonly rows: readonly Row[];
  readonly deleted: { readonly column: string; readonly keys: readonly unknown[] } | undefined;
}

export interface CommitParts {
  readonly files: TableFiles;
  readonly encodeParquet: EncodeParquet;
  /** Engine time, in milliseconds since the epoch. */
  readonly now: () => number;
  /** So many manifests of a kind are made one, since each snapshot reads the list of all; default 100. */
  readonly mostManifests?: number;
}

/**
 * Adds a snapshot to a version of a table. Its files come first; with its metadata it is there, all of it.
 *
 * @param version 0 for a table that is not there yet
 * @returns `undefined` where somebody else has written that version meanwhile: nothing of this is left then
 */
export async function commitRows(
  { version, metadata }: StoredTable,
  { columns, rows, deleted }: Changes,
  { files, encodeParquet, now, mostManifests = 100 }: CommitParts,
): Promise<StoredTable | undefined> {
  const schema = schemaFor(metadata, columns);
  const specs = specsOf(metadata);
  const parts = partsOf(specs.rows, columns.fields);
  if (parts === undefined) throw new TableError("it is partitioned in a way that `$iceberg` does not write");
  const commit = randomUUID();
  const written: string[] = [];
  const write = async (name: string, bytes: Uint8Array): Promise<string> => {
    const url = await files.write(name, bytes);
    written.push(url);
    return url;
  };
  const writeRows = async (content: DataFile["content"], of: RowsOfFile, own: TableSchema): Promise<DataFile> => {
    const bytes = encodeParquet(of.rows, own);
    const path = await write(`data/${String(written.length).padStart(5, "0")}-${commit}.parquet`, bytes);
    const file = { content, path, records: of.rows.length, bytes: bytes.length, partition: of.partition };
    return content === "data" ? file : { ...file, equalityIds: own.fields.map(({ id }) => id) };
  };

  const dataFiles: DataFile[] = [];
  for (const group of byPartition(rows, parts)) dataFiles.push(await writeRows("data", group, schema));
  const deleteFiles: DataFile[] = [];
  const keyField = columns.fields.find(({ name }) => name === deleted?.column);
  if (deleted !== undefined && deleted.keys.length > 0 && keyField !== undefined) {
    const keys = deleted.keys.map((key) => new Map([[keyField.name, key]]));
    const own = { ...schema, fields: [keyField] };
    deleteFiles.push(await writeRows("equalityDeletes", { rows: keys, partition: [] }, own));
  }

  const snapshotId = randomInt(1, 2 ** 47);
  const sequence = metadata["last-sequence-number"] + 1;
  const manifests: ManifestFile[] = [];
  const addManifest = async (
    content: ManifestFile["content"],
    added: readonly DataFile[],
    spec: PartitionSpec,
    own: readonly PartitionPart[],
  ): Promise<void> => {
    if (added.length === 0) return;
    const bytes = encodeContainer(encodeManifest(added, { snapshotId, schema, spec, parts: own }), randomBytes(16));
    const path = await write(`metadata/${commit}-m${manifests.length}.avro`, bytes);
    const counts = { files: added.length, rows: added.reduce((sum, { records }) => sum + records, 0) };
    manifests.push({
      path,
      bytes: bytes.length,
      content,
      specId: spec["spec-id"],
      sequence,
      minSequence: sequence,
      snapshotId,
      added: counts,
      existing: { files: 0, rows: 0 },
    });
  };
  await addManifest("data", dataFiles, specs.rows, parts);
  await addManifest("deletes", deleteFiles, specs.deletes, []);

  const parent = currentSnapshot(metadata);
  const before = parent === undefined ? [] : readList(await files.read(parent["manifest-list"]));
  const kept = await mergeEarlier(before, { files, write, commit, sequence, snapshotId, mostManifests });
  const list = encodeManifestList([...manifests, ...kept], {
    snapshotId,
    parentId: parent?.["snapshot-id"],
    sequence,
  });
  const manifestList = await write(
    `metadata/snap-${snapshotId}-1-${commit}.avro`,
    encodeContainer(list, randomBytes(16)),
  );
  const next = withSnapshot(
    metadata,
    columns,
    {
      snapshotId,
      manifestList,
      dataFiles: dataFiles.length,
      records: rows.length,
      deleteFiles: deleteFiles.length,
      deletes: deleted?.keys.length ?? 0,
    },
    { nowMs: now(), previousFile: version === 0 ? undefined : `${metadata.location}/${metadataFile(version)}` },
  );
  if (await files.publish(version + 1, next)) return { version: version + 1, metadata: next };
  await files.remove(written);
  return undefined;
}

interface RowsOfFile {
  readonly rows: readonly Row[];
  readonly partition: readonly unknown[];
}

function byPartition(rows: readonly Row[], parts: readonly PartitionPart[]): readonly RowsOfFile[] {
  const groups = new Map<string, { readonly rows: Row[]; readonly partition: readonly unknown[] }>();
  for (const row of rows) {
    const partition = parts.map((part) => part.valueOf(row));
    const key = JSON.stringify(partition.map((value) => [typeof value, value === null ? null : String(value)]));
    const group = groups.get(key) ?? { rows: [], partition };
    groups.set(key, group);
    group.rows.push(row);
  }
  return [...groups.values()];
}
