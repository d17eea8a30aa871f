import { Binary, Decimal128, Double, Int32, Long, ObjectId, type Document } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rewriteEngineExpressions } from "../../src/expressions/engine-expressions.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const server = { version: "6.0.5", javaScript: true };
const rewrite = (stage: Document): Document =>
  rewriteEngineExpressions([stage], { currentDate: new Date(0), server })[0] ?? {};

/** What a stage gives for each of the documents; the server's words where it refuses one. */
async function answer(stage: Document, documents: readonly Document[]): Promise<readonly Document[] | string> {
  try {
    return await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: documents.map((each) => ({ $literal: each })) }, stage], { promoteValues: false })
      .toArray();
  } catch (error) {
    return String(error);
  }
}

const bytes = (hex: string, subtype = 0): Binary => new Binary(Buffer.from(hex, "hex"), subtype);

/** What a conversion gives for each of the values. */
async function convertAll(call: Document, values: readonly unknown[]): Promise<readonly unknown[]> {
  const stage = rewrite({ $project: { _id: 0, r: { $convert: { input: "$v", ...call } } } });
  const found = await answer(
    stage,
    values.map((v) => ({ v })),
  );
  if (typeof found === "string") throw new Error(found);
  return found.map((each) => each["r"] as unknown);
}

async function refusal(call: Document, value: unknown): Promise<string> {
  return convertAll(call, [value]).then(
    ([made]) => `gave ${String(made)}`,
    (error: unknown) => String(error),
  );
}

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

/** The numbers of so many bytes, as Node reads them. */
const model = {
  "int 1": (view: DataView) => new Int32(view.getInt8(0)),
  "int 2": (view: DataView, little: boolean) => new Int32(view.getInt16(0, little)),
  "int 4": (view: DataView, little: boolean) => new Int32(view.getInt32(0, little)),
  "long 1": (view: DataView) => Long.fromInt(view.getInt8(0)),
  "long 2": (view: DataView, little: boolean) => Long.fromInt(view.getInt16(0, little)),
  "long 4": (view: DataView, little: boolean) => Long.fromInt(view.getInt32(0, little)),
  "long 8": (view: DataView, little: boolean) => Long.fromBigInt(view.getBigInt64(0, little)),
  "double 4": (view: DataView, little: boolean) => new Double(view.getFloat32(0, little)),
  "double 8": (view: DataView, little: boolean) => new Double(view.getFloat64(0, little)),
} as const;

describe.each([
  ["no order", {}],
  ["null", { byteOrder: null }],
  ["little", { byteOrder: "little" }],
  ["big", { byteOrder: "big" }],
  ["an order that a document has", { byteOrder: { $concat: ["bi", "g"] } }],
])("%s", (order, args) => {
  const little = !["big", "an order that a document has"].includes(order);

  test.each(Object.keys(model) as (keyof typeof model)[])("reads %s bytes as Node does", async (name) => {
    const [to = "", width = ""] = name.split(" ");
    const size = Number(width);
    const ends = [0x00, 0xff, 0x7f, 0x80, 0xc0, 0xf8].flatMap((first) => {
      const all = Uint8Array.from({ length: size }, (_, at) => (at === 0 ? first : 0xff));
      return [all, all.toReversed(), all.map((byte, at) => (at === 0 ? byte : 0))];
    });
    const data = fc.array(fc.uint8Array({ minLength: size, maxLength: size }), { minLength: 1, maxLength: 40 });
    const law = fc.asyncProperty(data, async (values) => {
      const made = await convertAll(
        { to, ...args },
        values.map((value) => new Binary(value)),
      );
      expect(made).toEqual(values.map((value) => model[name](viewOf(value), little)));
    });
    await fc.assert(law, { numRuns: 5, examples: [[ends]] });
  });
});

test.each([
  ["int", [0, 3, 5, 8]],
  ["long", [0, 3, 5, 6, 7, 9, 16]],
  ["double", [0, 1, 2, 3, 5, 7, 9]],
] as const)("%s has no other length, with an order or without", async (to, lengths) => {
  for (const length of lengths) {
    for (const order of [{}, { byteOrder: "big" }]) {
      const value = new Binary(new Uint8Array(length));
      expect(await refusal({ to, ...order }, value)).toContain(`${length} bytes are no ${to}`);
      expect(await convertAll({ to, ...order, onError: { was: "$v" } }, [value])).toMatchObject([{ was: {} }]);
      expect(await convertAll({ to, ...order, onError: null }, [value])).toEqual([null]);
    }
  }
});

test("NaN and zero below zero are written and read", async () => {
  const values = [Number.NaN, -0, 5].map((each) => new Double(each));
  const made = await convertAll({ to: "binData", byteOrder: "big" }, values);
  expect(made).toEqual(["7ff8000000000000", "8000000000000000", "4014000000000000"].map((hex) => bytes(hex)));
  expect(await convertAll({ to: "double", byteOrder: "big" }, made)).toEqual(values);
});

describe("subtypes", () => {
  test("the old one holds its length twice, and that is no data", async () => {
    const old = { to: { type: "binData", subtype: 2 } };
    expect(await convertAll({ ...old, format: "hex" }, ["FF00"])).toEqual([bytes("ff00", 2)]);
    expect(await convertAll({ ...old, byteOrder: "big" }, [new Int32(5)])).toEqual([bytes("00000005", 2)]);
    expect(await convertAll({ to: "string", format: "hex" }, [bytes("ff00", 2)])).toEqual(["FF00"]);
    expect(await convertAll({ to: "string", format: "base64" }, [bytes("ff00", 2)])).toEqual(["/wA="]);
    expect(await convertAll({ to: "int", byteOrder: "big" }, [bytes("0102", 2)])).toEqual([new Int32(258)]);
  });

  test.each<[unknown, number]>([
    ...[0, 1, 3, 9, 128, 255].map((each): [unknown, number] => [each, each]),
    [new Double(5), 5],
    [Long.fromNumber(5), 5],
    [Decimal128.fromString("5"), 5],
    [new Double(-0), 0],
    ["$v", 7],
    ["$none", 0],
  ])("%s", async (subtype, expected) => {
    expect(await convertAll({ to: { type: "binData", subtype } }, [new Int32(7)])).toEqual([
      bytes("07000000", expected),
    ]);
  });

  test.each([10, 127, 256, -1, 1.5, null, true, "five", Number.NaN])(
    "%j is none, and onError does not take it",
    async (subtype) => {
      const call = { to: { type: "binData", subtype }, onError: "e" };
      expect(await refusal(call, new Int32(1))).toContain("the subtype must be a whole number");
      expect(await convertAll({ ...call, onNull: "n" }, [null])).toEqual(["n"]);
    },
  );
});

test.each([
  [bytes("00"), { to: "string", format: null }, "needs a format"],
  ["00", { to: "binData" }, "needs a format"],
  ["00", { to: "binData", format: { $toUpper: "hex" } }, "needs a format"],
  [bytes("00"), { to: "string", format: "$none" }, "needs a format"],
  [bytes("00"), { to: "int", byteOrder: { $toUpper: "big" } }, "byteOrder must be"],
  [new Int32(1), { to: "binData", byteOrder: "$v" }, "byteOrder must be"],
])("%j as %j is a mistake of the call, which onError does not take", async (value, call, reason) => {
  expect(await refusal({ ...call, onError: "e" }, value)).toContain(reason);
  expect(await convertAll({ ...call, onError: "e", onNull: "n" }, [null])).toEqual(["n"]);
});

test("bytes are UTF-8 where Node's strict decoder says so", async () => {
  const strict = (value: Uint8Array): string => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
    } catch {
      return "none";
    }
  };
  const odd = ["", "c0af", "eda080", "f4908080", "e282", "80", "efbbbf41", "f09d849e00"];
  const data = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 60, minLength: 1 });
  const law = fc.asyncProperty(data, async (values) => {
    const made = await convertAll(
      { to: "string", format: "utf8", onError: "none" },
      values.map((value) => new Binary(value)),
    );
    expect(made).toEqual(values.map(strict));
  });
  await fc.assert(law, { numRuns: 20, examples: [[odd.map((hex) => Buffer.from(hex, "hex"))]] });
});

test("a text keeps its zero bytes and its letters beyond 16 bits", async () => {
  const texts = ["\0", "a%41", "ä€𝄞\u{10ffff}", "\n\r\u2028"];
  const made = await convertAll({ to: "binData", format: "utf8" }, texts);
  expect(made).toEqual(texts.map((text) => new Binary(Buffer.from(text))));
});

test("other types are no binary data", async () => {
  for (const value of [true, false, new Date(0), new ObjectId(), [], [1], {}, Decimal128.fromString("1")]) {
    expect(await refusal({ to: "binData" }, value)).toMatch(/Unsupported conversion from \w+ to binData/u);
    expect(await convertAll({ to: "binData", onError: "e" }, [value])).toEqual(["e"]);
  }
});

test("a call over values that are not binary is the same, rewritten or not", async () => {
  const value = fc.oneof(
    fc.integer().map((each) => new Int32(each)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((each) => Long.fromBigInt(each)),
    fc.double().map((each) => new Double(each)),
    fc.constantFrom<unknown>("12", "-1.5", "x", "", "0x10", " 1", "9999999999", "1e400", "NaN"),
    fc.constantFrom<unknown>(true, false, null, undefined, new Date(5), new ObjectId(), [], [1], {}, "int"),
    fc.constant(Decimal128.fromString("2.5")),
  );
  const types: unknown[] = ["int", "long", "double", 16, 18, 1, { $literal: "int" }, "string", "bool", "date", "$t"];
  const call = fc.record(
    {
      input: fc.constantFrom<unknown>("$v", { $ifNull: ["$v", 3] }, "7", 7.5, null),
      to: fc.constantFrom(...types),
      onError: fc.constantFrom<unknown>("e", "$v", null, { e: "$v" }, "$$REMOVE"),
      onNull: fc.constantFrom<unknown>("n", "$v", null, { n: "$v" }, "$$REMOVE"),
    },
    { requiredKeys: ["input", "to"] },
  );
  // Constants are refused when a pipeline is optimised, and in other words before the reason than a document's.
  const reasonOf = (found: readonly Document[] | string): unknown =>
    typeof found === "string" ? found.replace(/^.*caused by :: /su, "") : found;
  let rewrites = 0;
  const law = fc.asyncProperty(value, call, async (v, convert) => {
    const documents = [v === undefined ? { t: "int" } : { v, t: "int" }];
    const stage = { $project: { _id: 0, r: { $convert: convert } } };
    const other = rewrite(stage);
    rewrites += JSON.stringify(other) === JSON.stringify(stage) ? 0 : 1;
    expect(reasonOf(await answer(other, documents))).toEqual(reasonOf(await answer(stage, documents)));
  });
  await fc.assert(law, { numRuns: 500 });
  expect(rewrites).toBeGreaterThan(100);
});
