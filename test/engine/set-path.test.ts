import { deserialize, serialize } from "bson";
import { expect, test } from "vitest";
import { createPathSetter, toBsonValue } from "../../src/engine/core/set-path.ts";

const set = (document: object, path: string, value: unknown): unknown =>
  deserialize(createPathSetter(path)(serialize(document), toBsonValue(value)));

test.each([
  ["a new field goes to the end", { a: 1 }, "b", { a: 1, b: [2] }],
  ["one that is there keeps its place", { a: 1, b: "old", c: 3 }, "b", { a: 1, b: [2], c: 3 }],
  ["a path makes documents", {}, "a.b.c", { a: { b: { c: [2] } } }],
  ["a path goes into documents", { a: { x: 1, b: 0 }, z: 1 }, "a.b", { a: { x: 1, b: [2] }, z: 1 }],
  ["what is no document becomes one", { a: [1, { b: 1 }], z: 1 }, "a.b", { a: { b: [2] }, z: 1 }],
  [
    "names that JavaScript has for itself",
    { a: 1 },
    "__proto__.constructor",
    JSON.parse('{"a":1,"__proto__":{"constructor":[2]}}'),
  ],
  ["names beyond ASCII", { ü: 1 }, "ü", { ü: [2] }],
])("%s", (_, document, path, expected) => {
  const found = set(document, path, [2]);
  expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
});
