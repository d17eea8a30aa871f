import { serialize } from "bson";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeExact, fieldOf } from "../../src/engine/core/exact-bson.ts";
import { document } from "./bson-documents.ts";
import { hex } from "./support.ts";

test("what was read is written again byte for byte", () => {
  const law = fc.property(document, (fields) => {
    const bytes = serialize(fields);
    expect(hex(serialize(decodeExact(bytes)))).toBe(hex(bytes));
  });
  fc.assert(law, { numRuns: 2000 });
});

test("a field is found whatever the document was read into", () => {
  const bytes = serialize(
    new Map<string, unknown>([
      ["b", 1],
      ["10", { a: 2 }],
    ]),
  );
  expect(String(fieldOf(fieldOf(decodeExact(bytes), "10"), "a"))).toBe("2");
  expect(fieldOf(decodeExact(bytes), "c")).toBeUndefined();
  expect(fieldOf(5, "c")).toBeUndefined();
});
