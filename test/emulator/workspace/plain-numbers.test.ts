import { deserialize, Double, Int32, Long, ObjectId, serialize, type Document } from "bson";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainNumbers } from "../../../src/emulator/workspace/plain-numbers.ts";
import { decodeExact, exactTypes } from "../../../src/engine/core/exact-bson.ts";

const read = (document: Document): Document => plainNumbers(deserialize(serialize(document), exactTypes)) as Document;

test("numbers are plain where they are written as the same type again", () => {
  const document = { a: new Int32(1), b: new Double(1.5), c: new Double(5), d: Long.fromNumber(7), e: 2 ** 40, f: -0 };
  expect(read(document)).toEqual({ a: 1, b: 1.5, c: new Double(5), d: Long.fromNumber(7), e: 2 ** 40, f: -0 });
});

test("what is written again has the same bytes", () => {
  const number = fc.oneof(
    fc.integer().map((value) => new Int32(value)),
    fc.double().map((value) => new Double(value)),
    fc.integer().map((value) => new Double(value)),
    fc.maxSafeInteger().map((value) => Long.fromNumber(value)),
  );
  const leaf = fc.oneof(
    number,
    fc.string(),
    fc.boolean(),
    fc.constant(new ObjectId()),
    fc.date({ noInvalidDate: true }),
  );
  const key = fc.string({ minLength: 1 }).filter((text) => !/\0|^\d|^__proto__$|^_bsontype$/u.test(text));
  const document = fc.dictionary(key, fc.oneof(leaf, fc.array(leaf), fc.dictionary(key, leaf)));
  fc.assert(
    fc.property(document, (value) => {
      const bytes = serialize(value);
      expect(serialize(plainNumbers(deserialize(bytes, exactTypes)) as Document)).toEqual(bytes);
    }),
  );
});

test("a document is a Map only where an object would reorder its keys", () => {
  const ordered = new Map([
    ["b", 1],
    ["1", 2],
  ]);
  const bytes = serialize({ a: ordered, c: [{ d: { e: 1 } }] });
  const read = plainNumbers(decodeExact(bytes)) as Document;
  expect(read).toEqual({
    a: ordered,
    c: [{ d: { e: 1 } }],
  });
  expect(serialize(read)).toEqual(bytes);
});
