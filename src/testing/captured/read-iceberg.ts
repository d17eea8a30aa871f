import { Binary, Double, Int32, Long } from "bson";
import { readFile } from "node:fs/promises";
import { decodeContainer } from "../../engine/core/avro/object-container.ts";
import type { IcebergField, IcebergType } from "../../engine/core/iceberg/iceberg-type.ts";
import { decodeManifest, type LiveFile } from "../../engine/core/iceberg/manifest.ts";
import { decodeManifestList } from "../../engine/core/iceberg/manifest-list.ts";
import { currentSchema, currentSnapshot } from "../../engine/core/iceberg/table-metadata.ts";
import { loadTable, pathIn } from "../../engine/sinks/iceberg/table-files.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";

/**
 * The rows of an Iceberg table in a folder as they are now, file by file in the order in which they were added, without those that a
 * later file of keys deletes. A column that is null is left out; values have the BSON types that are made of their columns' types.
 */
export async function* readIcebergTable(dir: string): AsyncGenerator<StoredDocument> {
  const table = await loadTable(dir);
  const snapshot = table === undefined ? undefined : currentSnapshot(table.metadata);
  if (table === undefined || snapshot === undefined) return;
  const { metadata } = table;
  const read = (url: string): Promise<Uint8Array> => readFile(pathIn(dir, metadata.location, url));
  const fields = new Map((currentSchema(metadata)?.fields ?? []).map((field) => [field.id, field]));
  const files: LiveFile[] = [];
  for (const manifest of decodeManifestList(decodeContainer(await read(snapshot["manifest-list"])))) {
    files.push(...decodeManifest(decodeContainer(await read(manifest.path)), manifest));
  }
  const deletes = await readDeletes(files, read);
  const inOrder = files.filter(({ content }) => content === "data").toSorted((a, b) => a.sequence - b.sequence);
  for (const { path, sequence } of inOrder) {
    for (const row of await readParquet(await read(path))) {
      if (!deletes.some(({ keys, ids }) => (keys.get(keyOf(row, ids)) ?? 0) > sequence)) yield toDocument(row, fields);
    }
  }
}

/** Values by the ids of their columns, as the Parquet reader gives them. */
type FileRow = ReadonlyMap<number, unknown>;

/** Deleted rows by some columns: the key of each, with the last sequence number that deletes it. */
interface Deletes {
  readonly ids: readonly number[];
  readonly keys: Map<string, number>;
}

async function readDeletes(
  files: readonly LiveFile[],
  read: (url: string) => Promise<Uint8Array>,
): Promise<readonly Deletes[]> {
  const byIds = new Map<string, Deletes>();
  for (const { content, path, sequence, equalityIds: ids } of files) {
    if (content === "positionDeletes") throw new Error(`${path} deletes rows by their places, which asp does not read`);
    if (content !== "equalityDeletes") continue;
    const deletes = byIds.get(ids.join()) ?? { ids, keys: new Map<string, number>() };
    byIds.set(ids.join(), deletes);
    for (const row of await readParquet(await read(path))) {
      const key = keyOf(row, ids);
      deletes.keys.set(key, Math.max(sequence, deletes.keys.get(key) ?? 0));
    }
  }
  return [...byIds.values()];
}

function keyOf(row: FileRow, ids: readonly number[]): string {
  return JSON.stringify(ids.map((id) => textOf(row.get(id))));
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return value instanceof Date ? value.toISOString() : String(value);
}

async function readParquet(bytes: Uint8Array): Promise<readonly FileRow[]> {
  const { parquetMetadata, parquetRead, parquetSchema } = await import("hyparquet");
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  const ids = parquetSchema(metadata).children.map(({ element }) => element.field_id ?? -1);
  const rows: FileRow[] = [];
  await parquetRead({
    file,
    metadata,
    // Bytes are bytes: only columns that say so are texts.
    utf8: false,
    onComplete: (found) => {
      for (const values of found) rows.push(new Map(ids.map((id, at) => [id, values[at]])));
    },
  });
  return rows;
}

function toDocument(row: FileRow, fields: ReadonlyMap<number, IcebergField>): StoredDocument {
  const found = Array.from(fields.values(), ({ id, name, type }) => [name, toBson(row.get(id), type)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== null));
}

function toBson(value: unknown, type: IcebergType): unknown {
  if (value === undefined || value === null) return null;
  if (typeof type === "object") {
    if (type.type === "list") return (value as readonly unknown[]).map((item) => toBson(item, type.element));
    const inner = value as Readonly<Record<string, unknown>>;
    const entries = type.fields.map((field) => [field.name, toBson(inner[field.name], field.type)] as const);
    return Object.fromEntries(entries.filter(([, own]) => own !== null));
  }
  switch (type) {
    case "int":
      return new Int32(value as number);
    case "long":
      return Long.fromBigInt(BigInt(value as number | bigint));
    case "double":
      return new Double(value as number);
    case "binary":
      return new Binary(value as Uint8Array);
    case "boolean":
    case "string":
    case "timestamptz":
      return value;
  }
}
