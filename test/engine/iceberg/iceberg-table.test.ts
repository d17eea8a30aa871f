import { serialize, type Document } from "bson";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { decodeContainer } from "../../../src/engine/core/avro/object-container.ts";
import { planIceberg } from "../../../src/engine/core/iceberg/plan-iceberg.ts";
import {
  newTable,
  parseTableMetadata,
  TableError,
  withSnapshot,
} from "../../../src/engine/core/iceberg/table-metadata.ts";
import { loadParquetWriter, type EncodeParquet } from "../../../src/engine/sinks/iceberg/encode-parquet.ts";
import { openIcebergTable, type IcebergTable } from "../../../src/engine/sinks/iceberg/iceberg-table.ts";
import { createTableFiles } from "../../../src/engine/sinks/iceberg/table-files.ts";
import { readTable } from "./read-table.ts";

let encodeParquet: EncodeParquet;
beforeAll(async () => {
  encodeParquet = await loadParquetWriter();
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "asp-table-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
});

const location = "s3://acme/shop/orders";
const dir = (): string => join(root, "acme/shop/orders");
const open = (
  mode: "cdc" | "insert",
  writer = "one",
  more: { readonly mostManifests?: number } = {},
): Promise<IcebergTable> =>
  openIcebergTable({
    plan: planIceberg("lake", { bucket: "acme", path: "", databaseName: "shop", tableName: "orders", mode }),
    partitionedBy: [],
    files: createTableFiles({ dir: dir(), location, writer }),
    label: "shop.orders",
    location,
    encodeParquet,
    now: () => 0,
    ...more,
  });
const add = async (table: IcebergTable, ...documents: readonly Document[]): Promise<void> => {
  for (const document of documents) expect(table.take(serialize(document), undefined)).toBeUndefined();
  await table.commit();
};
const rows = async (): Promise<readonly Document[]> => {
  const { rows: found } = await readTable(root, location);
  return found.toSorted((a, b) => Number(a["_id"]) - Number(b["_id"]));
};

test("who finds that another was first takes its version and adds to it: nothing of either is lost", async () => {
  const [one, two] = [await open("insert", "one"), await open("insert", "two")];
  await add(one, { _id: 1, a: "x" });
  await add(two, { _id: 2, b: 5 });
  await add(one, { _id: 3, c: true });
  await Promise.all([add(one, { _id: 4, d: 1 }), add(two, { _id: 5, e: "e" })]);
  expect(await rows()).toEqual([
    { _id: 1, a: "x" },
    { _id: 2, b: 5 },
    { _id: 3, c: true },
    { _id: 4, d: 1 },
    { _id: 5, e: "e" },
  ]);
  const files = readdirSync(join(dir(), "data"));
  // What was written in vain is gone.
  expect(files).toHaveLength(5);
});

test("a column that another has made of another type meanwhile is an error, not a lost row", async () => {
  const [one, two] = [await open("insert", "one"), await open("insert", "two")];
  await add(one, { _id: 1, a: "x" });
  expect(two.take(serialize({ _id: 2, a: 5 }), undefined)).toBeUndefined();
  await expect(two.commit()).rejects.toMatchObject({ code: "ASP5205" });
});

test("many snapshots do not make many manifests, and their rows and deletes stay", async () => {
  const table = await open("cdc", "one", { mostManifests: 5 });
  for (let n = 0; n < 13; n += 1) await add(table, { _id: n % 4, n });
  const { snapshots = [] } = parseTableMetadata(readFileSync(join(dir(), "metadata/v13.metadata.json"), "utf8"));
  const lists = snapshots.map((snapshot) => {
    const path = join(dir(), snapshot["manifest-list"].slice(location.length + 1));
    return decodeContainer(readFileSync(path)).records.length;
  });
  expect(lists).toHaveLength(13);
  expect(Math.max(...lists)).toBeLessThanOrEqual(12);
  expect(await rows()).toEqual([
    { _id: 0, n: 12 },
    { _id: 1, n: 9 },
    { _id: 2, n: 10 },
    { _id: 3, n: 11 },
  ]);
});

test("of snapshots the last hundred are remembered", () => {
  let table = newTable({ uuid: "u", location, spec: { "spec-id": 0, fields: [] } });
  const columns = { fields: [{ id: 1, name: "a", required: false, type: "int" as const }], lastId: 1 };
  for (let n = 1; n <= 130; n += 1) {
    const added = { snapshotId: n, manifestList: `${n}`, dataFiles: 1, records: 2, deleteFiles: 0, deletes: 0 };
    table = withSnapshot(table, columns, added, { nowMs: 1000 - n, previousFile: `v${n - 1}` });
  }
  expect(table.snapshots?.map((snapshot) => snapshot["snapshot-id"])).toEqual(
    Array.from({ length: 100 }, (_, n) => n + 31),
  );
  expect(table.schemas).toHaveLength(1);
  expect(table["last-sequence-number"]).toBe(130);
  expect(table.snapshots?.at(-1)?.summary["total-records"]).toBe("260");
  // A clock that goes back takes no snapshot back.
  expect(table["last-updated-ms"]).toBe(999);
});

test("a version that a crash left without its hint is the current one", async () => {
  await add(await open("insert"), { _id: 1 });
  await add(await open("insert"), { _id: 2 });
  writeFileSync(join(dir(), "metadata/version-hint.text"), "1");
  await add(await open("insert"), { _id: 3 });
  expect(readFileSync(join(dir(), "metadata/version-hint.text"), "utf8")).toBe("3");
  expect(await rows()).toEqual([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
});

test("nothing is written where there is nothing to write", async () => {
  const table = await open("cdc");
  expect(table.take(serialize({ _id: 1 }), "delete")).toBeUndefined();
  await table.commit();
  expect(existsSync(dir())).toBe(false);
});

test("a delete within the same commit takes its row along", async () => {
  const table = await open("cdc");
  table.take(serialize({ _id: 1, n: 1 }), "insert");
  table.take(serialize({ _id: 2, n: 1 }), "insert");
  table.take(serialize({ _id: 1 }), "delete");
  await table.commit();
  expect(await rows()).toEqual([{ _id: 2, n: 1 }]);
});

const metadata = {
  "format-version": 2,
  "last-sequence-number": 1,
  "last-updated-ms": 0,
  "last-column-id": 1,
  schemas: [{ type: "struct", "schema-id": 0, fields: [{ id: 1, name: "a", required: false, type: "int" }] }],
  "current-schema-id": 0,
  "partition-specs": [],
};
test.each([
  ["", "its metadata is not that of an Iceberg table"],
  ["[]", "its metadata is not that of an Iceberg table"],
  ["null", "its metadata is not that of an Iceberg table"],
  [JSON.stringify({ ...metadata, "format-version": 3 }), "its format has version 3, and asp writes version 2"],
  [
    JSON.stringify({ ...metadata, schemas: "x" }),
    "its metadata has parts that asp cannot read without losing something",
  ],
  [
    JSON.stringify(metadata).replace('"last-sequence-number":1', '"last-sequence-number":9223372036854775807'),
    "its metadata has parts that asp cannot read without losing something",
  ],
  [
    JSON.stringify(metadata).replace('"int"', '"decimal(9,2)"'),
    "its column `a` has a type that `$iceberg` does not write",
  ],
])("metadata that is refused: %s", (text, message) => {
  expect(() => parseTableMetadata(text)).toThrow(new TableError(message));
});
