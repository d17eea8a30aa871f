import { Decimal128, deserialize, Double, Int32, Long, serialize } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareCollections } from "../../src/testing/compare/compare-collections.ts";
import type { StoredDocument } from "../../src/testing/compare/compare-collections.ts";
import { compareDeadLetters } from "../../src/testing/compare/compare-dead-letters.ts";
import { parseEjson } from "../../src/testing/compare/parse-ejson.ts";

function documents(text: string, reading: "expected" | "stored"): StoredDocument[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const parsed = lines.map((line) => parseEjson(line, reading) as StoredDocument);
  // What is stored is read as the runner reads it.
  return reading === "expected" ? parsed : parsed.map((one) => deserialize(serialize(one), { promoteValues: false }));
}

function compare(expected: string, actual: string): readonly string[] {
  return compareCollections(documents(expected, "expected"), documents(actual, "stored")).map(
    ({ kind, _id, path }) => `${kind} ${String(_id)} ${path}`,
  );
}

describe("documents", () => {
  test("are compared by _id in any order, fields in any order", () => {
    expect(compare('{"_id":2,"a":1,"b":2}\n{"_id":1}', '{"_id":1}\n{"b":2,"a":1,"_id":2}')).toEqual([]);
  });
  test("differ field by field, with a dotted path", () => {
    expect(compare('{"_id":1,"a":{"b":[1,2]},"gone":1}', '{"_id":1,"a":{"b":[1,3,4]},"new":1}')).toEqual([
      "different 1 a.b.1",
      "extra 1 a.b.2",
      "missing 1 gone",
      "extra 1 new",
    ]);
  });
  test("are missing or extra as a whole", () => {
    expect(compare('{"_id":1}', '{"_id":2}')).toEqual(["missing 1 ", "extra 2 "]);
  });
  test("that say no _id are compared by content, as often as they are there", () => {
    expect(compare('{"a":1}\n{"a":1}', '{"_id":1,"a":1}\n{"_id":2,"a":1}')).toEqual([]);
    expect(compare('{"a":1}\n{"a":1}', '{"_id":1,"a":1}')).toEqual(["missing undefined "]);
    expect(compare('{"a":1}', '{"_id":1,"a":1}\n{"_id":2,"a":1}')).toEqual(["extra 2 "]);
  });
  test("that ask for a type are not robbed of their match by those that ask for none", () => {
    expect(compare('{"a":1}\n{"a":{"$numberInt":"1"}}', '{"_id":1,"a":1}\n{"_id":2,"a":1.0}')).toEqual([]);
  });
  test("with an object as _id are found whatever the order of its fields", () => {
    expect(compare('{"_id":{"a":1,"b":2},"n":1}', '{"_id":{"b":2,"a":1.0},"n":1}')).toEqual([]);
  });
  test("null is not missing", () => {
    expect(compare('{"_id":1,"a":null}', '{"_id":1}')).toEqual(["missing 1 a"]);
    expect(compare('{"_id":1}', '{"_id":1,"a":null}')).toEqual(["extra 1 a"]);
  });
});

describe("_asp", () => {
  test("is left out unless it is expected", () => {
    expect(compare('{"_id":1}', '{"_id":1,"_asp":{"v":3}}')).toEqual([]);
    expect(compare('{"_id":1,"_asp":{"v":4}}', '{"_id":1,"_asp":{"v":3}}')).toEqual(["different 1 _asp.v"]);
  });
  test("marks tombstones, which are not there unless they are expected", () => {
    const tombstone = '{"_id":1,"_asp":{"v":3,"deleted":true}}';
    expect(compare("", tombstone)).toEqual([]);
    expect(compare('{"_id":1}', tombstone)).toEqual(["missing 1 "]);
    expect(compare('{"_id":1,"_asp":{"v":3,"deleted":true}}', tombstone)).toEqual([]);
  });
  test("deeper down is a field as any other", () => {
    expect(compare('{"_id":1,"a":{}}', '{"_id":1,"a":{"_asp":1}}')).toEqual(["extra 1 a._asp"]);
  });
});

describe("numbers", () => {
  const long = Long.fromString("9007199254740993");
  test.each([
    ["1", new Int32(1), true],
    ["1", Long.fromNumber(1), true],
    ["1", new Double(1), true],
    ["1.0", new Int32(1), true],
    ["1", Decimal128.fromString("1.00"), true],
    ["0.1", new Double(0.1), true],
    ["0.10", Decimal128.fromString("0.1"), true],
    ["0.1", new Double(0.2), false],
    ["0.1", Decimal128.fromString("0.1000000000000000055"), false],
    ["0.1000000000000000055", new Double(0.1), true],
    ["12345678.123456789", Decimal128.fromString("12345678.123456789"), true],
    ["12345678.123456789", Decimal128.fromString("12345678.1234567891"), false],
    ["0", new Double(-0), true],
    ["1e300", new Double(1e300), true],
    ["9007199254740993", long, true],
    ["9007199254740992", long, false],
    ["9007199254740993", new Double(9007199254740992), false],
    ["9007199254740992", new Double(9007199254740992), true],
    ['{"$numberInt":"1"}', new Int32(1), true],
    ['{"$numberInt":"1"}', Long.fromNumber(1), false],
    ['{"$numberLong":"1"}', new Double(1), false],
    ['{"$numberDouble":"NaN"}', new Double(Number.NaN), true],
    ['{"$numberDouble":"NaN"}', Decimal128.fromString("NaN"), false],
    ['{"$numberDouble":"-0.0"}', new Double(-0), true],
    ['{"$numberDouble":"Infinity"}', new Double(Infinity), true],
    ['{"$numberDecimal":"1.0"}', Decimal128.fromString("1.00"), true],
    ['{"$numberDecimal":"1E+3"}', Decimal128.fromString("1000"), true],
    ['{"$numberDecimal":"0.1"}', Decimal128.fromString("0.10000000000000000001"), false],
    ['"1"', new Int32(1), false],
    ["true", new Int32(1), false],
  ])("%s and %o", (expected, actual, equal) => {
    const differences = compareCollections(documents(`{"_id":1,"n":${expected}}`, "expected"), [{ _id: 1, n: actual }]);
    expect(differences.length === 0).toBe(equal);
  });
});

const scalar = fc.oneof(
  fc.integer().map((n) => new Int32(n | 0)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.double().map((n) => new Double(n)),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
);
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 3 }),
  ),
})).value;
const collection = fc
  .array(fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 4 }), { maxLength: 6 })
  .map((list): StoredDocument[] => list.map((document, index) => ({ ...document, _id: new Int32(index) })));

describe("for any collection", () => {
  test("it equals itself in any order, with or without ids", () => {
    fc.assert(
      fc.property(collection, fc.infiniteStream(fc.nat()), (list, random) => {
        const order = list.map((document) => ({ document, at: random.next().value as number }));
        const shuffled = order.toSorted((a, b) => a.at - b.at).map(({ document }) => document);
        const anonymous = shuffled.map(({ _id, ...document }) => document);
        expect(compareCollections(shuffled, list)).toEqual([]);
        expect(compareCollections(anonymous, list)).toEqual([]);
      }),
    );
  });
  test("one document less or more is one difference", () => {
    fc.assert(
      fc.property(collection, fc.nat(), (list, at) => {
        fc.pre(list.length > 0);
        const less = list.toSpliced(at % list.length, 1);
        expect(compareCollections(list, less)).toMatchObject([{ kind: "missing" }]);
        expect(compareCollections(less, list)).toMatchObject([{ kind: "extra" }]);
      }),
    );
  });
});

describe("dead letters", () => {
  const letter = {
    _id: 1,
    processorName: "p",
    dlqTime: new Date(0),
    doc: { _id: 7, a: 1 },
    errInfo: { reason: "no a" },
  };
  test("match by document and reason, or a pattern of it", () => {
    expect(compareDeadLetters([{ doc: { _id: 7, a: 1 }, errInfo: { reason: "no a" } }], [letter])).toEqual([]);
    expect(
      compareDeadLetters([{ doc: { _id: 7, a: 1 }, errInfo: { reason: { $regex: "^NO", $options: "i" } } }], [letter]),
    ).toEqual([]);
    expect(compareDeadLetters([{ errInfo: { reason: { $regex: "a$" } } }], [letter])).toEqual([]);
  });
  test("another reason is one difference", () => {
    expect(compareDeadLetters([{ doc: { _id: 7, a: 1 }, errInfo: { reason: "no b" } }], [letter])).toEqual([
      { kind: "different", path: "errInfo.reason", expected: "no b", actual: "no a", _id: 7, processor: "p" },
    ]);
  });
  test("none are allowed where none are expected", () => {
    expect(compareDeadLetters([], [letter])).toMatchObject([{ kind: "extra", _id: 7 }]);
  });
  test("repeats count once where documents are handed over again", () => {
    const again = { ...letter, _id: 2, dlqTime: new Date(1) };
    expect(compareDeadLetters([{ doc: letter.doc, errInfo: letter.errInfo }], [letter, again])).toHaveLength(1);
    expect(compareDeadLetters([{ doc: letter.doc, errInfo: letter.errInfo }], [letter, again], { once: true })).toEqual(
      [],
    );
  });
  test("resume token and clock of a change event are not compared unless they are expected", () => {
    const doc = { _id: { _data: "82" }, operationType: "insert", clusterTime: 1, fullDocument: { _id: 7 } };
    const event = { ...letter, doc };
    expect(compareDeadLetters([{ doc: { operationType: "insert", fullDocument: { _id: 7 } } }], [event])).toEqual([]);
    expect(compareDeadLetters([{ doc: { ...doc, clusterTime: 2 } }], [event])).toMatchObject([
      { path: "doc.clusterTime" },
    ]);
  });
});
