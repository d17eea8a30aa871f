import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from "bson";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { toEjson, toJson } from "../../src/compiler/emit/json.ts";

// Hundreds of random values take seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

describe("Extended JSON", () => {
  test.each<[unknown, string]>([
    [1, "1"],
    [new Int32(-7), "-7"],
    [1.5, "1.5"],
    [new Double(1), '{"$numberDouble":"1.0"}'],
    [5_000_000_000, '{"$numberDouble":"5000000000.0"}'],
    [-0, '{"$numberDouble":"-0.0"}'],
    [Number.NaN, '{"$numberDouble":"NaN"}'],
    [Number.NEGATIVE_INFINITY, '{"$numberDouble":"-Infinity"}'],
    [Long.fromNumber(1), '{"$numberLong":"1"}'],
    [9_007_199_254_740_993n, '{"$numberLong":"9007199254740993"}'],
    [Decimal128.fromString("1.10"), '{"$numberDecimal":"1.10"}'],
    [new ObjectId("0123456789abcdef01234567"), '{"$oid":"0123456789abcdef01234567"}'],
    [new Date("2026-01-01T00:00:00Z"), '{"$date":"2026-01-01T00:00:00Z"}'],
    [new Date("2026-01-01T00:00:00.120Z"), '{"$date":"2026-01-01T00:00:00.120Z"}'],
    [new Date(-1), '{"$date":{"$numberLong":"-1"}}'],
    [new Date(253402300800000), '{"$date":{"$numberLong":"253402300800000"}}'],
    [new BSONRegExp("^a", "im"), '{"$regularExpression":{"pattern":"^a","options":"im"}}'],
    [/^a/i, '{"$regularExpression":{"pattern":"^a","options":"i"}}'],
    [new Binary(Uint8Array.of(1, 2), 0x80), '{"$binary":{"base64":"AQI=","subType":"80"}}'],
    [new UUID("00112233-4455-6677-8899-aabbccddeeff"), '{"$uuid":"00112233-4455-6677-8899-aabbccddeeff"}'],
    [new Timestamp({ t: 4294967295, i: 2 }), '{"$timestamp":{"t":4294967295,"i":2}}'],
    [new MinKey(), '{"$minKey":1}'],
    [new MaxKey(), '{"$maxKey":1}'],
    [new Code("f()"), '{"$code":"f()"}'],
    [new Code("f()", { a: 1 }), '{"$code":"f()","$scope":{"a":1}}'],
    [
      new DBRef("orders", new ObjectId("0123456789abcdef01234567"), "shop"),
      '{"$ref":"orders","$id":{"$oid":"0123456789abcdef01234567"},"$db":"shop"}',
    ],
    [[], "[]"],
    [{}, "{}"],
    [{ b: [1, { a: null }], a: true }, '{"b":[1,{"a":null}],"a":true}'],
    [
      new Map<string, unknown>([
        ["b", 1],
        ["1", 2],
        ["0", 3],
      ]),
      '{"b":1,"1":2,"0":3}',
    ],
  ])("writes %o", (value, text) => {
    expect(toEjson(value)).toBe(text);
  });

  test("is read back as the same BSON, whatever the values", () => {
    fc.assert(
      fc.property(documents, (document) => {
        for (const indent of [0, 2]) {
          const again = EJSON.parse(toEjson(document, indent), { relaxed: false }) as BSON.Document;
          expect(Buffer.from(BSON.serialize(again)).toString("hex")).toBe(
            Buffer.from(BSON.serialize(document)).toString("hex"),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("a definition file has two spaces, one line a wrapper and a line end", () => {
  const definition = { name: "a", pipeline: [{ $match: { at: new Date(0), n: Long.ONE } }], options: {} };
  expect(toJson(definition)).toBe(`{
  "name": "a",
  "pipeline": [
    {
      "$match": {
        "at": { "$date": "1970-01-01T00:00:00Z" },
        "n": { "$numberLong": "1" }
      }
    }
  ],
  "options": {}
}
`);
});

const bytes = fc.uint8Array({ maxLength: 20 });
const values: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.double().map((value) => new Double(value)),
  fc.maxSafeInteger().map((value) => new Double(value)),
  fc.integer().map((value) => new Int32(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -6000, max: 6000 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.date({ noInvalidDate: true }),
  bytes.map((value) => new Binary(value, 0)),
  fc.tuple(bytes, fc.constantFrom(0, 3, 5, 6, 7, 8, 128, 255)).map(([value, type]) => new Binary(value, type)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((value) => new UUID(value)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((value) => new ObjectId(value)),
  fc.record({ t: fc.nat(), i: fc.nat() }).map((value) => new Timestamp(value)),
  fc.constantFrom(new MinKey(), new MaxKey(), new Code("a", { b: 1 }), new BSONSymbol("s"), /a.b/im, /a.b/g),
  fc.tuple(fc.constantFrom("", "a|b", '"\\/'), fc.constantFrom("", "i", "imsx")).map(([p, o]) => new BSONRegExp(p, o)),
);
/** No keys with dollars: a document that looks like a wrapper is one. */
const keys = fc.string({ unit: "grapheme", maxLength: 8 }).filter((key) => !key.startsWith("$") && !key.includes("\0"));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    values,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(keys, tie("tree"), { maxKeys: 4 }),
  ),
}));
const documents = fc.dictionary(keys, tree, { maxKeys: 6 }) as fc.Arbitrary<BSON.Document>;
