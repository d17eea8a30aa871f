import { Binary, Decimal128, Double, Int32, Long, UUID, type Document } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rewriteEngineExpressions } from "../../src/expressions/engine-expressions.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const there = { currentDate: new Date(0), server: { version: "6.0.5", javaScript: true } };
const exact = { promoteValues: false } as const;

/** What one expression gives for each document, with the type that it has; the server's words where it refuses one. */
async function evaluate(expression: Document, documents: readonly Document[]): Promise<readonly Document[]> {
  const stages = rewriteEngineExpressions([{ $project: { _id: 0, r: expression } }], there);
  const found = mongod.client
    .db(mongod.db)
    .aggregate([{ $documents: documents.map((each) => ({ $literal: each })) }, ...stages], exact);
  return found.toArray();
}

const valueOf = async (convert: Document, v: unknown): Promise<unknown> => {
  const [found] = await evaluate({ $convert: { input: "$v", ...convert } }, [{ v }]);
  return found?.["r"];
};
const refusal = async (convert: Document, v: unknown): Promise<string> =>
  valueOf(convert, v).then(
    (value) => `gave ${String(value)}`,
    (error: unknown) => String(error),
  );

const binary = (bytes: Uint8Array, subtype = 0): Binary => new Binary(Buffer.from(bytes), subtype);
/** By name and not by class: the driver has a copy of the library of its own. */
function bytesOf(value: unknown): string {
  const { _bsontype, buffer, position } = value as Partial<Binary>;
  return _bsontype === "Binary"
    ? Buffer.from(buffer ?? []).toString("hex", 0, position)
    : `no binary: ${String(value)}`;
}

/** The bytes of a number as Node writes them. */
function toBytes(write: (view: DataView, little: boolean) => void, length: number, order: string): string {
  const view = new DataView(new ArrayBuffer(length));
  write(view, order === "little");
  return Buffer.from(view.buffer).toString("hex");
}

const orders = ["little", "big"] as const;
const ints = [0, 1, -1, 127, 128, 255, -128, 2 ** 31 - 1, -(2 ** 31), 0x01020304];
const longs = [0n, 1n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 0x0102030405060708n];
const doubles = [0, -0, 1.5, -1.5, Math.PI, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity];

describe.each(orders)("%s", (byteOrder) => {
  test("numbers become as many bytes as their type has, and come back", async () => {
    const rows = [
      ...ints.map((n) => ({
        v: new Int32(n),
        hex: toBytes((view, little) => view.setInt32(0, n, little), 4, byteOrder),
        to: "int",
      })),
      ...longs.map((n) => ({
        v: Long.fromBigInt(n),
        hex: toBytes((view, little) => view.setBigInt64(0, n, little), 8, byteOrder),
        to: "long",
      })),
      ...doubles.map((n) => ({
        v: new Double(n),
        hex: toBytes((view, little) => view.setFloat64(0, n, little), 8, byteOrder),
        to: "double",
      })),
    ];
    const made = await evaluate(
      { $convert: { input: "$v", to: "binData", byteOrder } },
      rows.map(({ v }) => ({ v })),
    );
    expect(made.map(({ r }) => bytesOf(r))).toEqual(rows.map(({ hex }) => hex));
    for (const to of ["int", "long", "double"]) {
      const own = rows.filter((row) => row.to === to);
      const back = await evaluate(
        { $convert: { input: "$v", to, byteOrder } },
        own.map(({ hex }) => ({ v: binary(Buffer.from(hex, "hex")) })),
      );
      expect(back.map(({ r }) => r as unknown)).toEqual(own.map(({ v }) => v));
    }
  });

  test("shorter data is a number of fewer bytes, two's complement or single precision", async () => {
    const little = byteOrder === "little";
    const law = fc.asyncProperty(fc.uint8Array({ minLength: 4, maxLength: 4 }), async (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
      const short = binary(bytes.subarray(0, 2));
      const one = binary(bytes.subarray(0, 1));
      const convert = { byteOrder };
      expect(await valueOf({ ...convert, to: "int" }, short)).toEqual(new Int32(view.getInt16(0, little)));
      expect(await valueOf({ ...convert, to: "int" }, one)).toEqual(new Int32(view.getInt8(0)));
      expect(await valueOf({ ...convert, to: "long" }, short)).toEqual(Long.fromNumber(view.getInt16(0, little)));
      expect(await valueOf({ ...convert, to: "long" }, binary(bytes))).toEqual(
        Long.fromNumber(view.getInt32(0, little)),
      );
      expect(await valueOf({ ...convert, to: "double" }, binary(bytes))).toEqual(
        new Double(view.getFloat32(0, little)),
      );
    });
    await fc.assert(law, { numRuns: 20 });
  });
});

test("without an order the first byte is the lowest", async () => {
  expect(bytesOf(await valueOf({ to: "binData" }, new Int32(1)))).toBe("01000000");
});

describe("texts", () => {
  const formats = ["base64", "base64url", "hex", "utf8"] as const;
  test.each(formats)("%s is written as Node writes it, and read again", async (format) => {
    const law = fc.asyncProperty(
      format === "utf8"
        ? fc.string({ unit: "grapheme" }).map((text) => Buffer.from(text, "utf8"))
        : fc.uint8Array().map((each) => Buffer.from(each)),
      async (bytes) => {
        const text = format === "hex" ? bytes.toString("hex").toUpperCase() : bytes.toString(format);
        expect(await valueOf({ to: "string", format }, binary(bytes))).toBe(text);
        expect(bytesOf(await valueOf({ to: "binData", format }, text))).toBe(bytes.toString("hex"));
      },
    );
    await fc.assert(law, { numRuns: 40, examples: [[Buffer.alloc(0)]] });
  });

  test("base64url may have its padding, and hexadecimal digits may be small", async () => {
    expect(bytesOf(await valueOf({ to: "binData", format: "base64url" }, "-_8="))).toBe("fbff");
    expect(bytesOf(await valueOf({ to: "binData", format: "hex" }, "00fF"))).toBe("00ff");
  });

  test("a UUID is binary data of its subtype", async () => {
    const uuid = new UUID("01234567-89ab-4def-8123-456789abcdef");
    const made = await valueOf({ to: { type: "binData", subtype: 4 }, format: "uuid" }, uuid.toString());
    expect(made).toMatchObject({ sub_type: 4 });
    expect(bytesOf(made)).toBe(uuid.toString("hex").replaceAll("-", ""));
    expect(await valueOf({ to: "string", format: "uuid" }, uuid)).toBe(uuid.toString());
    expect(await valueOf({ to: "string", format: "auto" }, uuid)).toBe(uuid.toString());
    expect(await valueOf({ to: "string", format: "auto" }, binary(new Uint8Array([255])))).toBe("/w==");
  });

  test("a subtype is given to what is made, and asked of what is there", async () => {
    const to = { type: "binData", subtype: 5 };
    expect(await valueOf({ to, format: "hex" }, "00")).toMatchObject({ sub_type: 5 });
    expect(await valueOf({ to }, new Int32(1))).toMatchObject({ sub_type: 5 });
    expect(await valueOf({ to }, binary(new Uint8Array([1]), 5))).toMatchObject({ sub_type: 5 });
    // Without a word of it, 0 is asked for.
    expect(await refusal({ to: "binData" }, binary(new Uint8Array([1]), 5))).toContain("the subtype is 5");
    expect(await refusal({ to }, binary(new Uint8Array([1])))).toContain("the subtype is 0");
  });
});

const wrong: readonly (readonly [convert: Document, value: unknown, reason: string])[] = [
  [{ to: "int", byteOrder: "big" }, binary(new Uint8Array(3)), "3 bytes are no int"],
  [{ to: "int", byteOrder: "big" }, binary(new Uint8Array(8)), "8 bytes are no int"],
  [{ to: "long", byteOrder: "big" }, binary(new Uint8Array(9)), "9 bytes are no long"],
  [{ to: "double", byteOrder: "big" }, binary(new Uint8Array(2)), "2 bytes are no double"],
  [{ to: "int", byteOrder: "big" }, binary(new Uint8Array(0)), "0 bytes are no int"],
  [{ to: "binData", format: "hex" }, "0g", "not hexadecimal"],
  [{ to: "binData", format: "hex" }, "000", "not hexadecimal"],
  [{ to: "binData", format: "base64" }, "AA=A", "not base64"],
  [{ to: "binData", format: "base64" }, "-_8=", "not base64"],
  [{ to: "binData", format: "base64url" }, "+/8=", "not base64url"],
  [{ to: { type: "binData", subtype: 4 }, format: "uuid" }, "0123", "no UUID"],
  [{ to: "binData", format: "uuid" }, "01234567-89ab-4def-8123-456789abcdef", "for each other alone"],
  [{ to: { type: "binData", subtype: 4 }, format: "hex" }, "00", "for each other alone"],
  [{ to: "binData", format: "auto" }, "AA==", "with the format auto"],
  [{ to: "int" }, binary(new Uint8Array(3)), "3 bytes are no int"],
  [{ to: "string", format: "uuid" }, binary(new Uint8Array(16)), "no UUID"],
  [{ to: "string", format: "utf8" }, binary(new Uint8Array([0xff])), "not UTF-8"],
  [{ to: "binData", format: "hex" }, new Date(0), "Unsupported conversion"],
  [{ to: "binData" }, Decimal128.fromString("1"), "Unsupported conversion"],
];

describe("what cannot be converted", () => {
  test.each(wrong)("%j of %s is refused, or gives onError", async (convert, value, reason) => {
    expect(await refusal(convert, value)).toContain(reason);
    const onError = { was: { $type: "$v" } };
    expect(await valueOf({ ...convert, onError }, value)).toMatchObject({ was: expect.any(String) });
  });

  test("null and what is not there give onNull, or null", async () => {
    for (const convert of [{ to: "int", byteOrder: "big" }, { to: "binData" }, { to: "string", format: "hex" }]) {
      expect(await valueOf(convert, null)).toBeNull();
      expect(await valueOf({ ...convert, onError: "e" }, null)).toBeNull();
      expect(await valueOf({ ...convert, onNull: "n" }, null)).toBe("n");
      const [missing] = await evaluate({ $convert: { input: "$nope", ...convert, onNull: "n" } }, [{}]);
      expect(missing).toEqual({ r: "n" });
    }
  });
});

test("beside binary data, everything is converted as without these arguments", async () => {
  const values = [
    "12",
    "x",
    1.5,
    true,
    new Date(5),
    Decimal128.fromString("7"),
    new Int32(3),
    Long.fromNumber(4),
    null,
    {},
  ];
  for (const to of ["int", "long", "double", "string"]) {
    const more = to === "string" ? { format: "hex" } : { byteOrder: "big" };
    const onError = { onError: "refused" };
    const documents = values.map((v) => ({ v }));
    const plain = await evaluate({ $convert: { input: "$v", to, ...onError } }, documents);
    expect(await evaluate({ $convert: { input: "$v", to, ...more, ...onError } }, documents)).toEqual(plain);
  }
});

test("variables around a conversion are seen in its arguments, and one may stand in another", async () => {
  const each = { $convert: { input: "$$this", to: "binData", byteOrder: "big" } };
  const text = { $convert: { input: each, to: "string", format: "hex", onError: { $toString: "$$this" } } };
  const [found] = await evaluate({ $map: { input: "$all", in: text } }, [{ all: [new Int32(1), new Int32(2)] }]);
  expect(found).toEqual({ r: ["00000001", "00000002"] });
});
