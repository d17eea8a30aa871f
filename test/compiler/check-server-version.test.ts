import { describe, expect, test } from "vitest";
import { checkServerVersion } from "../../src/compiler/check-server-version.ts";
import { compile, merge, source } from "./support.ts";

function said(expression: unknown, version: string): readonly string[] {
  const { definition, findings } = compile([source, { $set: { x: expression } }, merge]);
  if (definition === undefined) throw new Error(findings.map(({ message }) => message).join("; "));
  return checkServerVersion(definition, version).map(({ message }) => message);
}

describe("what a mongod does not have yet is named with the version that has it", () => {
  test.each([
    ["an operator", { $median: { input: "$a", method: "approximate" } }, "`$median` needs mongod 7.0", "7.0.1"],
    [
      "an argument",
      { $map: { input: "$a", arrayIndexAs: "i", in: "$$i" } },
      "`$map.arrayIndexAs` needs mongod 8.3",
      "8.3.0",
    ],
    [
      "an argument of $reduce",
      { $reduce: { input: "$a", initialValue: 0, as: "x", in: 1 } },
      "`$reduce.as` needs mongod 8.3",
      "8.3.0",
    ],
    ["another base", { $convert: { input: "$a", to: "int", base: 16 } }, "`$convert.base` needs mongod 8.3", "8.3.0"],
    [
      "binary data of a type that only a document says",
      { $convert: { input: "$a", to: "$type", byteOrder: "big" } },
      "`$convert.byteOrder` needs mongod 8.1",
      "8.1.0",
    ],
    [
      "a text in a format, whose type only a document says",
      { $convert: { input: "$a", to: "$type", format: "hex" } },
      "`$convert.format` needs mongod 8.0",
      "8.0.0",
    ],
    [
      "a type that only a document says, within another",
      { $convert: { input: "$a", to: { type: "$type" } } },
      "`$convert.to` needs mongod 8.0",
      "8.0.0",
    ],
  ])("%s", (_, expression, message, newest) => {
    expect(said(expression, "6.0.5")).toEqual([`${message}, and this one is 6.0.5`]);
    expect(said(expression, newest)).toEqual([]);
  });
});

test("what the engine writes in another way needs no newer one", () => {
  for (const convert of [
    { input: "$a", to: "int", byteOrder: "big" },
    { input: "$a", to: "binData", format: "hex" },
    { input: "$a", to: { type: "binData", subtype: 4 } },
    { input: "$a", to: { type: "binData", subtype: "$subtype" } },
    { input: "$a", to: { type: "int" } },
    { input: "$a", to: { type: "date" }, format: "hex", byteOrder: "big" },
    { input: "$a", to: "long" },
  ]) {
    expect(said({ $convert: convert }, "6.0.5")).toEqual([]);
  }
});

test.each([
  ["`$convert.format` needs mongod 8.0", { input: "$a", to: "string", format: "hex" }],
  ["`$convert.byteOrder` needs mongod 8.1", { input: "$a", to: "int", byteOrder: "big" }],
  ["`$convert.to` needs mongod 8.1", { input: "$a", to: "binData" }],
])("a cluster evaluates its own pipelines, as it can: %s", (message, convert) => {
  const set = [{ $set: { x: { $convert: convert } } }];
  const from = { connectionName: "domain", db: "shop", coll: "customers" };
  const lookup = { $lookup: { from, let: {}, pipeline: set, as: "found" } };
  const update = { $merge: { ...merge.$merge, whenMatched: set } };
  for (const pipeline of [
    [source, lookup, merge],
    [source, update],
  ]) {
    const { definition, findings } = compile(pipeline);
    if (definition === undefined) throw new Error(findings.map((finding) => finding.message).join("; "));
    const found = checkServerVersion(definition, "6.0.5").map((finding) => finding.message);
    expect(found).toEqual([`${message}, and this one is 6.0.5`]);
  }
});
