import { Double, Int32, Long, serialize, type Document } from "bson";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { fitDocument, type Columns, type Fitted, type Row } from "../../../src/engine/core/iceberg/fit-document.ts";
import { fieldAt, type IcebergField, type IcebergType } from "../../../src/engine/core/iceberg/iceberg-type.ts";
import { mergeColumns } from "../../../src/engine/core/iceberg/merge-columns.ts";
import { TableError } from "../../../src/engine/core/iceberg/table-metadata.ts";
import { loadParquetWriter } from "../../../src/engine/sinks/iceberg/encode-parquet.ts";

const none: Columns = { fields: [], lastId: 0 };

function fit(document: Document, columns = none, mode: "json" | "nested" = "nested"): Fitted {
  const fitted = fitDocument(serialize(document), columns, mode);
  if ("reason" in fitted) throw new Error(fitted.reason);
  return fitted;
}
const reasonOf = (document: Document, columns: Columns): string | undefined => {
  const fitted = fitDocument(serialize(document), columns, "nested");
  return "reason" in fitted ? fitted.reason : undefined;
};

function idsOf(type: IcebergType): readonly number[] {
  if (typeof type === "string") return [];
  return type.type === "list" ? [type["element-id"], ...idsOf(type.element)] : idsIn(type.fields);
}
function idsIn(fields: readonly IcebergField[]): readonly number[] {
  return fields.flatMap(({ id, type }) => [id, ...idsOf(type)]);
}

test("what another document adds stands beside what is there, with ids of its own", () => {
  const first = fit({ a: 1, s: { x: "x" }, l: [{ p: 1 }] });
  const { columns } = fit({ b: true, s: { y: [1.5] }, l: [{ q: "q" }] }, first.columns);
  for (const { id, name, type } of first.columns.fields) {
    expect(fieldAt(columns.fields, name)?.id).toBe(id);
    if (typeof type === "string") expect(fieldAt(columns.fields, name)?.type).toBe(type);
  }
  expect(fieldAt(columns.fields, "s.x")?.id).toBe(fieldAt(first.columns.fields, "s.x")?.id);
  const ids = idsIn(columns.fields);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.max(...ids)).toBeLessThanOrEqual(columns.lastId);
});

test.each([
  [{ s: 1 }, "`s` is an int, and its column is struct"],
  [{ s: { x: 1 } }, "`s.x` is an int, and its column is string"],
  [{ l: { x: 1 } }, "`l` is an object, and its column is list"],
  [{ l: ["x", { p: "p" }] }, "`l[]` is a string, and its column is struct"],
  [{ l: [{ p: "p" }] }, "`l[].p` is a string, and its column is int"],
  [{ at: new Date(8.64e15), "": 1 }, "a field without a name cannot be a column"],
])("%j does not fit: %s", (document, reason) => {
  const { columns } = fit({ s: { x: "x" }, l: [{ p: new Int32(1) }] });
  expect(reasonOf(document, columns)).toBe(reason);
});

test("items of an array have one type", () => {
  expect(reasonOf({ a: [1, "x"] }, none)).toBe("`a[]` is a string, and its column is int");
  expect(reasonOf({ a: [[1], ["x"]] }, none)).toBe("`a[][]` is a string, and its column is int");
});

test("a date that JavaScript does not have is refused, the last that it has is not", () => {
  const bson = serialize({ at: new Date(0) });
  new DataView(bson.buffer, bson.byteOffset).setBigInt64("....at.".length + 1, 9n * 10n ** 15n, true);
  expect(fitDocument(bson, none, "json")).toEqual({ reason: "`at` is a date, and its column is timestamptz" });
  expect(fit({ at: new Date(8.64e15) }).row.get("at")).toBe(8_640_000_000_000_000_000n);
});

test("names that JavaScript has for itself are columns", () => {
  const document = JSON.parse('{"__proto__": {"constructor": 1}, "toString": "x", "7": true}') as Document;
  const { columns, row } = fit(document);
  expect(columns.fields.map(({ name }) => name).toSorted()).toEqual(["7", "__proto__", "toString"]);
  expect(row.get("toString")).toBe("x");
});

/** What a row holds, as the reader gives it: nothing where there is null. */
function plain(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Map) return plain(Object.fromEntries(value as Row));
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Date) return BigInt(value.getTime()) * 1000n;
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, own]) => [name, plain(own)] as const)
      .filter(([, own]) => own !== null),
  );
}

const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((n) => new Int32(n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.double().map((n) => new Double(n)),
  fc.date({ min: new Date(-1e14), max: new Date(1e14), noInvalidDate: true }),
  fc.constant(null),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
  ),
}));
const documents = fc.array(fc.dictionary(fc.constantFrom("u", "v", "w"), anyValue), { minLength: 1, maxLength: 12 });

test("documents that fit come back out of a Parquet file as they were, whatever is nested in what", async () => {
  const encode = await loadParquetWriter();
  await fc.assert(
    fc.asyncProperty(documents, fc.constantFrom("json" as const, "nested" as const), async (all, mode) => {
      let columns = none;
      const rows: Row[] = [];
      for (const document of all) {
        const fitted = fitDocument(serialize(document), columns, mode);
        if ("reason" in fitted) continue;
        ({ columns } = fitted);
        rows.push(fitted.row);
      }
      const ids = idsIn(columns.fields);
      expect(new Set(ids).size).toBe(ids.length);
      if (columns.fields.length === 0) return;
      const bytes = encode(rows, { type: "struct", "schema-id": 0, fields: columns.fields });
      const read = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, utf8: false });
      expect(read.map(plain)).toEqual(rows.map(plain));
    }),
    { numRuns: 200 },
  );
});

test("columns of two writers are one table's, by name", () => {
  const base = fit({ a: 1, s: { x: 1 } }).columns;
  const theirs = fit({ a: 1, s: { x: 1, y: "y" }, b: [1] }, base).columns;
  const mine = fit({ a: 1, s: { x: 1, z: true }, c: { d: 1 } }, base).columns;
  const merged = mergeColumns(theirs, mine.fields);
  const named = ["a", "s", "s.x", "s.y", "s.z", "b", "c", "c.d"];
  expect(named.map((name) => fieldAt(merged.fields, name) === undefined)).toEqual(named.map(() => false));
  for (const name of ["a", "s.x", "s.y", "b"]) {
    expect(fieldAt(merged.fields, name)?.id).toBe(fieldAt(theirs.fields, name)?.id);
  }
  const ids = idsIn(merged.fields);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.max(...ids)).toBeLessThanOrEqual(merged.lastId);
  expect(() => mergeColumns(theirs, fit({ b: "text" }).columns.fields)).toThrow(TableError);
});
