import { deserialize } from "bson";
import { expect, test } from "vitest";
import { readJson } from "../../src/engine/core/http-response.ts";
import { createPathSetter } from "../../src/engine/core/set-path.ts";

const empty = new Uint8Array([5, 0, 0, 0, 0]);
const setAs = createPathSetter("as");

function read(json: string): unknown {
  const result = readJson(json);
  if ("reason" in result) return result.reason;
  return deserialize(setAs(empty, result.value), { promoteLongs: false, promoteValues: true })["as"];
}

test("whole numbers keep their digits outside of texts, and texts are left alone", () => {
  const numbers = `"a":9007199254740993,"c":[-9007199254740993,1e16,12345678901234567890123]`;
  const found = read(`{"b":"9007199254740993, \\"9007199254740993\\"",${numbers}}`) as {
    readonly a: unknown;
    readonly b: unknown;
    readonly c: readonly unknown[];
  };
  expect(found.b).toBe('9007199254740993, "9007199254740993"');
  expect([found.a, ...found.c].map(String)).toEqual([
    "9007199254740993",
    "-9007199254740993",
    "10000000000000000",
    "1.2345678901234568e+22",
  ]);
});

test("a text of many megabytes is read, with a number beside it that would be rounded", () => {
  const text = `${"x".repeat(5_000_000)}${'"\\'.repeat(2_000_000)}`;
  expect(read(JSON.stringify({ text }).replace("{", '{"n":9007199254740993,'))).toMatchObject({ text });
});

test("junk of many quotes that never end is refused at once", () => {
  expect(read(`9007199254740993"${'\\"'.repeat(2_000_000)}`)).toMatch(/^the response is not JSON/);
});
