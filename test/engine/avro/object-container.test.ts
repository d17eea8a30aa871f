import avsc from "avsc";
import { Binary, Int32, Long } from "bson";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AvroError } from "../../../src/engine/core/avro/avro-type.ts";
import { decodeContainer, encodeContainer } from "../../../src/engine/core/avro/object-container.ts";

const schema = {
  type: "record",
  name: "row",
  fields: [
    { name: "n", type: "int", "field-id": 1 },
    { name: "at", type: ["null", "long"], default: null },
    { name: "note", type: "string" },
    { name: "raw", type: "bytes" },
  ],
};
const sync = Uint8Array.from({ length: 16 }, (_, at) => at * 7);
const row = (n: number) =>
  new Map<string, unknown>([
    ["n", new Int32(n)],
    ["at", n % 2 === 0 ? null : Long.fromNumber(n * 1000)],
    ["note", `größe ${n}`],
    ["raw", new Binary(Uint8Array.of(n % 256))],
  ]);
const rows = Array.from({ length: 300 }, (_, n) => row(n));
const container = { schema, metadata: new Map([["format-version", "2"]]), records: rows };

const temporary = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "asp-avro-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return join(dir, "rows.avro");
};

test("another implementation reads what is written, with its schema and its metadata", async () => {
  const path = temporary();
  writeFileSync(path, encodeContainer(container, sync));
  const decoder = avsc.createFileDecoder(path);
  const found: { n: number; note: string; raw: Buffer }[] = [];
  const headers: { meta: Record<string, Buffer> }[] = [];
  decoder.on("metadata", (_type, _codec, header) => headers.push(header as never));
  decoder.on("data", (value) => found.push(value as never));
  await once(decoder, "end");
  expect(found.map(({ n, note, raw }) => [n, note, [...raw]])).toEqual(
    rows.map((_, n) => [n, `größe ${n}`, [n % 256]]),
  );
  expect(headers[0]?.meta["format-version"]?.toString()).toBe("2");
  expect(JSON.parse(headers[0]?.meta["avro.schema"]?.toString() ?? "")).toEqual(schema);
});

test("what another implementation writes is read, in any number of blocks", async () => {
  const encoder = new avsc.streams.BlockEncoder(schema as never, { blockSize: 100 });
  const chunks: Buffer[] = [];
  encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (let n = 0; n < 300; n += 1) {
    const at = n % 2 === 0 ? null : n * 1000;
    encoder.write({ n, at, note: `größe ${n}`, raw: Buffer.of(n % 256) });
  }
  encoder.end();
  await once(encoder, "end");
  expect(decodeContainer(Buffer.concat(chunks)).records).toEqual(rows);
});

test("it comes back as it was, also without a record", () => {
  const { records, metadata, schema: own } = decodeContainer(encodeContainer(container, sync));
  expect(records).toEqual(rows);
  expect(metadata.get("format-version")).toBe("2");
  expect(own).toEqual(schema);
  expect(decodeContainer(encodeContainer({ ...container, records: [] }, sync)).records).toEqual([]);
});

test("what is no container, is cut off, damaged or compressed is refused", () => {
  const bytes = encodeContainer(container, sync);
  const damaged = bytes.slice();
  damaged[damaged.length - 1] = 0;
  const compressed = encodeContainer({ ...container, metadata: new Map([["avro.codec", "deflate"]]) }, sync);
  for (const junk of [new Uint8Array(), new TextEncoder().encode("{}"), bytes.slice(0, -20), damaged, compressed]) {
    expect(() => decodeContainer(junk)).toThrow(AvroError);
  }
});
