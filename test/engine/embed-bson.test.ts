import { BSON } from "mongodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { embedArray, embedArrayOf, embedBson } from "../../src/engine/embed-bson.ts";
import { document } from "./bson-documents.ts";
import { hex } from "./support.ts";

test("embedded documents and arrays are written as the library writes what they hold", () => {
  const law = fc.property(document, fc.array(document, { maxLength: 12 }), (one, several) => {
    const array = BSON.serialize(Object.fromEntries(several.entries()));
    const embedded = {
      "a long name": embedBson(BSON.serialize(one)),
      b: [embedBson(BSON.serialize(one)), 1],
      c: { d: embedArray(array), e: embedArrayOf(several.map((each) => BSON.serialize(each))) },
      f: "after",
    };
    const plain = { "a long name": one, b: [one, 1], c: { d: several, e: several }, f: "after" };
    expect(hex(BSON.serialize(embedded))).toBe(hex(BSON.serialize(plain)));
  });
  fc.assert(law, { numRuns: 500 });
});

test("the driver is told no other value: what is embedded was not decoded", () => {
  expect(Object.keys(embedBson(BSON.serialize({ a: 1 })))).not.toContain("a");
});

test("what does not fit into a command is refused as the library refuses it", () => {
  const large = BSON.serialize({ text: "x".repeat(16_000_000) });
  expect(() => BSON.serialize({ a: embedBson(large), b: embedBson(large) })).toThrow(RangeError);
});
