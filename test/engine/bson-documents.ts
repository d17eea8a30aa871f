import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from "bson";
import fc from "fast-check";

const leaf = fc.oneof(
  fc.string(),
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.constantFrom<unknown>(
    null,
    true,
    new Double(5),
    new Double(-0),
    new Date(0),
    new Date(-1),
    new Date(253402300800000),
    new ObjectId("0123456789abcdef01234567"),
    new UUID("01234567-89ab-4def-8123-456789abcdef"),
    new Binary(new Uint8Array([1, 2, 3])),
    new Binary(new Uint8Array([1, 2, 3]), 2),
    new Binary(new Uint8Array([1, 2, 3]), 5),
    new Binary(new Uint8Array(0), 128),
    new Timestamp({ t: 1, i: 2 }),
    Timestamp.fromString("18446744073709551615", 10),
    Decimal128.fromString("1.50"),
    Decimal128.fromString("NaN"),
    Decimal128.fromString("-0E+3"),
    new BSONRegExp("^a/b", "im"),
    new Code("return 1"),
    new Code("return a", { a: 1 }),
    new BSONSymbol("s"),
    new MinKey(),
    new MaxKey(),
    {},
    [],
  ),
);

const name = fc.oneof(
  fc.constantFrom(
    "a",
    "10",
    "2",
    "0",
    "01",
    "-1",
    "__proto__",
    "constructor",
    "_bsontype",
    "$ref",
    "$id",
    "$db",
    "a.b",
    "",
    "toString",
    "length",
  ),
  fc.string({ minLength: 1 }).filter((text) => !text.includes("\0")),
);

/** Documents of all types and awkward names, in the order of their fields. */
export const { document } = fc.letrec<{ value: unknown; document: ReadonlyMap<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    { weight: 4, arbitrary: leaf },
    tie("document"),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  document: fc
    .uniqueArray(fc.tuple(name, tie("value")), { selector: ([key]) => key, maxLength: 5 })
    .map((fields) => new Map(fields)),
}));
