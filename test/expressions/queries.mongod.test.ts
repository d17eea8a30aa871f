import { afterAll, beforeAll, expect, test } from "vitest";
import type { Document } from "bson";
import { BSONRegExp } from "bson";
import { operatorsOf } from "../../src/expressions/operators.ts";
import { compile, merge, source } from "../compiler/support.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const regex = new BSONRegExp("x");

/** Conditions on a field. */
const conditions: readonly unknown[] = [
  ...[{ $gtt: 1 }, { $gt: 1, b: 2 }, { b: 2, $gt: 1 }, { b: { $gtt: 1 } }, { $or: [{ b: 1 }] }, { $and: [{ $gt: 1 }] }],
  ...[{ $not: { $gt: 1 } }, { $not: { $gtt: 1 } }, { $not: 5 }, { $not: {} }, { $not: regex }, { $not: { b: 1 } }],
  ...[{ $not: { $not: { $gt: 1 } } }, { $not: { $eq: 1, $foo: 1 } }, { $not: { $regex: "a" } }],
  ...[{ $elemMatch: { $gt: 1 } }, { $elemMatch: { $gtt: 1 } }, { $elemMatch: { b: { $gtt: 1 } } }],
  ...[{ $elemMatch: { $or: [{ b: 1 }] } }, { $elemMatch: { $gt: 1, b: 1 } }, { $elemMatch: { b: 1, $gt: 1 } }],
  ...[{ $elemMatch: 5 }, { $elemMatch: {} }, { $elemMatch: [] }, { $elemMatch: { $and: [{ $gt: 1 }] } }],
  ...[
    { $elemMatch: { $nor: [{ b: { $gtt: 1 } }] } },
    { $elemMatch: { $not: { $gt: 1 } } },
    { $elemMatch: { $where: "1" } },
  ],
  ...[
    { $elemMatch: { $or: [{ c: 1 }], $gt: 1 } },
    { $elemMatch: { $gt: 1, $or: [{ c: 1 }] } },
    { $elemMatch: { $expr: 1 } },
  ],
  ...[{ $all: [1] }, { $all: 5 }, { $all: [{ $elemMatch: { b: { $gtt: 1 } } }] }, { $all: [{ $gt: 1 }] }, { $all: [] }],
  ...[{ $all: [{ b: { $gt: 1 } }] }, { $all: [{ $elemMatch: { b: 1 } }] }, { $all: [{ $elemMatch: 5 }] }],
  ...[{ $in: [1] }, { $in: 5 }, { $in: [{ $gt: 1 }] }, { $in: [{ b: 1, $gt: 1 }] }, { $nin: 5 }, { $nin: [{ $x: 1 }] }],
  ...[{ $eq: { $gt: 1 } }, { $gt: { $foo: 1 } }, { $eq: regex }, { $in: [regex] }, { $exists: "x" }, { $exists: [] }],
  ...[{ $expr: 1 }, { $add: [1, 2] }, { $comment: "x" }, { $jsonSchema: {} }, { $near: [0, 0] }, { $where: "1" }],
  ...[{ $text: 1 }, { $slice: 1 }, { $exists: 1, $foo: 1 }, { $nor: [] }, {}, { "": 1 }, [{ $gtt: 1 }], "$$NOW", null],
  ...[
    { $ref: "x", $id: 1 },
    { $id: 1, $ref: "x" },
    { $ref: "x", $id: 1, b: 1 },
    { $gt: 1, $lt: { $x: 1 } },
  ],
  ...[{ $geoWithin: { $centerSphere: [[0, 0], 1] } }, { $bitsAllSet: 5 }, { $type: "string" }, { $mod: [2, 0] }],
  ...[{ $options: "i", $regex: "a" }, { $geoNear: [0, 0] }, { $nearSphere: [0, 0] }],
];

const queries: readonly Document[] = [
  ...conditions.flatMap((a) => [{ a }, { "a.b": a }, { $or: [{ b: 1 }, { a }] }]),
  ...[
    { $foo: 1 },
    { $gt: ["$a", 1] },
    { $and: [] },
    { $and: {} },
    { $and: [1] },
    { $and: [{}] },
    { $or: [[]] },
    { $nor: [] },
  ],
  ...[{ $and: [{ a: 1 }], $or: [{ $foo: 1 }] }, { $not: { a: 1 } }, { $add: [1, 2] }, { $expr: { $foo: 1 } }],
  ...[{ $expr: "$$NOPE" }, { $comment: "x", a: 1 }, { $jsonSchema: {} }, { $sampleRate: 0.5 }, { $alwaysTrue: 1 }],
  ...[{ $text: { $search: "x" } }, { $where: "1" }, { "a..b": 1 }, { "": 1 }, { $a: 1 }, { "a.$b": 1 }, { $id: 1 }],
  ...[{ $and: [{ $expr: { $foo: 1 } }] }, { $rand: {} }, { $ref: "x" }],
];

test.each(queries.map((query) => [JSON.stringify(query), query] as const))(
  "the server says the same of %s",
  async (_, query) => {
    const said = await mongod.client
      .db(mongod.db)
      .aggregate([{ $documents: [] }, { $match: query }])
      .toArray()
      .then(
        () => undefined,
        (error: Error) => error.message,
      );
    const ours = compile([source, { $match: query }, merge]).findings.map(({ message }) => message);
    expect({ refused: ours.length > 0, said, ours }).toEqual({ refused: said !== undefined, said, ours });
  },
);

test("every operator that the server knows is one for us, at one of the two levels", () => {
  for (const name of operatorsOf("query")) {
    const codes = [{ a: { [name]: [] } }, { [name]: [] }].map((query) =>
      compile([source, { $match: query }, merge]).findings.map(({ code }) => code),
    );
    expect(codes.flat().filter((code) => code === "ASP1040" || code === "ASP1041")).toEqual([]);
  }
});
