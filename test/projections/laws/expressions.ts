import type { Document } from "bson";
import fc from "fast-check";

/** Where the fields of the read model and of the event stand: as references, or as paths of a document. */
export interface Fields {
  readonly view: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An expression as a function of how its fields are written. */
export type Expression = (fields: Fields) => unknown;

export const fieldNames = ["n", "s", "a", "o"] as const;
type Kind = (typeof fieldNames)[number] | "any";

const constants: Readonly<Record<Kind, readonly unknown[]>> = {
  n: [0, 1, 2.5],
  s: ["x", "12"],
  a: [[], ["x", 2]],
  o: [{ x: 1 }],
  any: [0, "x", null, true],
};

/** Results by operator, with what each operand should be; `any` takes everything. */
const operators: readonly (readonly [string, Kind, readonly Kind[]])[] = [
  ["$add", "n", ["n", "n"]],
  ["$add", "n", ["n", "n", "n"]],
  ["$subtract", "n", ["n", "n"]],
  ["$multiply", "n", ["n", "n"]],
  ["$divide", "n", ["n", "n"]],
  ["$abs", "n", ["n"]],
  ["$size", "n", ["a"]],
  ["$strLenCP", "n", ["s"]],
  ["$toInt", "n", ["any"]],
  ["$cmp", "n", ["any", "any"]],
  ["$sum", "n", ["a"]],
  ["$concat", "s", ["s", "s"]],
  ["$toLower", "s", ["s"]],
  ["$toString", "s", ["any"]],
  ["$type", "s", ["any"]],
  ["$concatArrays", "a", ["a", "a"]],
  ["$setUnion", "a", ["a", "a"]],
  ["$setDifference", "a", ["a", "a"]],
  ["$reverseArray", "a", ["a"]],
  ["$arrayElemAt", "any", ["a", "n"]],
  ["$first", "any", ["a"]],
  ["$last", "any", ["a"]],
  ["$in", "any", ["any", "a"]],
  ["$eq", "any", ["any", "any"]],
  ["$gt", "any", ["n", "n"]],
  ["$not", "any", ["any"]],
  ["$and", "any", ["any", "any"]],
  ["$or", "any", ["any", "any"]],
  ["$isArray", "any", ["any"]],
  ["$max", "n", ["n", "n"]],
  ["$mergeObjects", "o", ["o", "o"]],
  ["$objectToArray", "a", ["o"]],
];

/** Expressions that should give a kind; now and then a field of the read model gives another one. */
export function expressions(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  if (depth === 0) return leaf(kind);
  return fc.oneof(leaf(kind), operator(kind, depth), operator(kind, depth), branch(kind, depth), loop(kind, depth));
}

/** Events have their declared types, read models may have become anything. */
function leaf(kind: Kind): fc.Arbitrary<Expression> {
  const name = kind === "any" ? fc.constantFrom(...fieldNames) : fc.constant(kind);
  return fc.oneof(
    {
      weight: 5,
      arbitrary: name.map(
        (field): Expression =>
          ({ view }) =>
            view[field],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...fieldNames).map(
        (field): Expression =>
          ({ view }) =>
            view[field],
      ),
    },
    {
      weight: 5,
      arbitrary: name.map(
        (field): Expression =>
          ({ data }) =>
            data[field],
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...constants[kind]).map(
        (value): Expression =>
          () =>
            value,
      ),
    },
  );
}

function operator(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  const fitting = operators.filter(([, result]) => kind === "any" || result === kind);
  return fc.constantFrom(...fitting).chain(([name, , kinds]) =>
    fc.tuple(...kinds.map((operand) => expressions(operand, depth - 1))).map((operands): Expression => (fields) => ({
      [name]: operands.map((operand) => operand(fields)),
    })),
  );
}

function branch(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  const parts = fc.tuple(expressions("any", depth - 1), expressions(kind, depth - 1), expressions(kind, depth - 1));
  const shapes: readonly ((condition: unknown, a: unknown, b: unknown) => unknown)[] = [
    (condition, a, b) => ({ $cond: [condition, a, b] }),
    (condition, a, b) => ({ $cond: { if: condition, then: a, else: b } }),
    (_, a, b) => ({ $ifNull: [a, b] }),
    (condition, a, b) => ({ $switch: { branches: [{ case: condition, then: a }], default: b } }),
    (condition, a) => ({ $switch: { branches: [{ case: condition, then: a }] } }),
    (condition, a, b) => ({ $let: { vars: { bound: a }, in: { $cond: [condition, "$$bound", b] } } }),
    (_, a, b) => ({ $let: { vars: { bound: b }, in: { $cond: ["$$bound", a, "$$bound"] } } }),
  ];
  return fc.tuple(parts, fc.constantFrom(...shapes)).map(
    ([[condition, a, b], shape]): Expression =>
      (fields) =>
        shape(condition(fields), a(fields), b(fields)),
  );
}

function loop(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  const parts = fc.tuple(expressions("a", depth - 1), expressions("n", depth - 1));
  const arrays: readonly ((input: unknown, inner: unknown) => unknown)[] = [
    (input, inner) => ({ $map: { input, in: { $max: ["$$this", inner] } } }),
    (input) => ({ $map: { input, as: "item", in: { $toInt: "$$item" } } }),
    (input, inner) => ({ $filter: { input, as: "item", cond: { $eq: ["$$item", inner] } } }),
    (input, inner) => ({ $filter: { input, cond: { $divide: [1, inner] } } }),
  ];
  const others: readonly ((input: unknown, inner: unknown) => unknown)[] = [
    (input, inner) => ({ $reduce: { input, initialValue: inner, in: { $max: ["$$value", "$$this"] } } }),
    (input, inner) => ({ $reduce: { input, initialValue: inner, in: { $add: ["$$value", { $size: "$$this" }] } } }),
  ];
  const shapes = kind === "a" ? arrays : kind === "any" ? [...arrays, ...others] : undefined;
  if (shapes === undefined) return leaf(kind);
  return fc.tuple(parts, fc.constantFrom(...shapes)).map(
    ([[input, inner], shape]): Expression =>
      (fields) =>
        shape(input(fields), inner(fields)),
  );
}

const anything: readonly unknown[] = [
  0,
  3,
  -2,
  "x",
  "12",
  [],
  ["x", "y"],
  [1, 2],
  { x: 1 },
  {},
  null,
  undefined,
  new Date(0),
  true,
];

/** Read models of any types, missing and null fields included. */
export const anyView: fc.Arbitrary<Document> = fc
  .tuple(...fieldNames.map(() => fc.constantFrom(...anything)))
  .map((values) => present(Object.fromEntries(fieldNames.map((name, index) => [name, values[index]]))));

/** Events of the declared types, but any of their fields may be missing or null. */
export const typedEvent: fc.Arbitrary<Document> = fc
  .record({
    n: fc.constantFrom(0, 2, -1.5, null, undefined),
    s: fc.constantFrom("x", "12", null, undefined),
    a: fc.constantFrom([], ["x"], [1, 2], null, undefined),
    o: fc.constantFrom({ x: 2 }, {}, null, undefined),
  })
  .map(present);

function present(fields: Document): Document {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
