import { EJSON } from "bson";
import type { Document } from "bson";
import { expect, test } from "vitest";
import { defineProcessor, defineProjection, remove } from "../../src/index.ts";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import { isAuthoredValue, processorBrand } from "../../src/projections/processor-value.ts";
import type { ProjectionValue } from "../../src/projections/processor-value.ts";
import { events } from "./events.ts";
import { orders } from "./orders.ts";

const into = { connectionName: "domain", db: "shop", coll: "orders" };
const nowhere = (): undefined => undefined;

/** The stages of a projection that has no findings. */
function pipelineOf(value: ProjectionValue): readonly Document[] {
  const { definition, findings } = compileProjection(value, { events, at: nowhere });
  expect(findings).toEqual([]);
  return definition?.pipeline ?? [];
}

const sourceOf = (value: ProjectionValue): Document => pipelineOf(value)[0]?.["$source"] as Document;
const matchOf = (value: ProjectionValue): string => {
  const merge = pipelineOf(value).at(-1)?.["$merge"] as { readonly whenMatched: readonly Document[] } | undefined;
  return EJSON.stringify(merge?.whenMatched ?? []);
};

test("a definition is only branded, and recognised across copies of the package", () => {
  const processor = defineProcessor({ name: "p", pipeline: [] });
  expect(processor).toEqual({ name: "p", pipeline: [], [processorBrand]: "processor" });
  expect([processor, orders, {}, null].map(isAuthoredValue)).toEqual([true, true, false, false]);
  expect(processorBrand).toBe(Symbol.for("asp-toolkit.processor"));
});

test("only inserts of the handled types are read", () => {
  expect(sourceOf(orders)).toEqual({
    connectionName: "events",
    db: "shop",
    coll: "events",
    config: {
      pipeline: [
        {
          $match: {
            operationType: "insert",
            "fullDocument.type": { $in: ["OrderPlaced", "ItemAdded", "OrderCancelled"] },
          },
        },
      ],
      fullDocumentOnly: true,
    },
  });
});

test('with a handler of the rest, "*", every insert is read, and its branch is the default', () => {
  const value = defineProjection({ name: "all", into, on: { A: () => ({ a: 1 }), "*": () => remove() } });
  expect(sourceOf(value)["config"].pipeline).toEqual([{ $match: { operationType: "insert" } }]);
  expect(matchOf(value)).toContain('"default":"$$new"');
});

test("the position guard gets the change event, whose token is the position", () => {
  const value = defineProjection({ name: "p", into, key: ({ data }) => data.customerId, on: { A: () => ({ a: 1 }) } });
  expect(sourceOf(value)["config"]).not.toHaveProperty("fullDocumentOnly");
  const [, stage] = pipelineOf(value);
  expect(stage?.["$replaceWith"]._asp).toEqual({ p: "$_id._data", time: "$fullDocument.occurredAt" });
});

test("inside the merge stands one $replaceWith", () => {
  for (const guard of ["version", "position", "streams", "none"] as const) {
    const value = defineProjection({ name: "p", into, guard, on: { A: ({ data }) => ({ a: data.a, "b.c": 1 }) } });
    const merge = pipelineOf(value).at(-1)?.["$merge"] as { readonly whenMatched: readonly Document[] };
    expect(merge.whenMatched.map((stage) => Object.keys(stage))).toEqual([["$replaceWith"]]);
  }
});

test("handlers that differ only in constants share a branch: 27 types carry one", () => {
  const types = Array.from({ length: 27 }, (_, index) => `Type${index}`);
  const on = Object.fromEntries(types.map((type) => [type, () => ({ status: type, last: "seen" })]));
  const matched = matchOf(defineProjection({ name: "many", into, on }));
  expect(matched).not.toContain("Type3");
  expect(matched.length).toBeLessThan(300);
});

test("only the parts of an event that are needed beside the read model travel in _asp", () => {
  const [, stage] = pipelineOf(orders);
  expect(stage?.["$replaceWith"]._asp.data).toEqual({ quantity: "$data.quantity", price: "$data.price" });
});

test("every reference is found where the envelope says, payload beside the envelope included", () => {
  const envelope = {
    id: "meta.id",
    stream: "meta.stream",
    version: "meta.v",
    type: "kind",
    time: "meta.at",
    data: ".",
  };
  const on = { A: ({ data, id }: never) => ({ x: data, y: id }) } as never;
  const value = defineProjection({ name: "p", into, source: { envelope }, on });
  const text = EJSON.stringify(pipelineOf(value));
  for (const path of ["$meta.stream", "$meta.v", "$meta.at", "$event.meta.id", "fullDocument.kind"]) {
    expect(text).toContain(`"${path}"`);
  }
  expect(pipelineOf(value)[2]?.["$replaceWith"].x).toBe("$event");
});

test("field names that a path cannot spell are read with $getField", () => {
  const value = defineProjection({ name: "p", into, on: { A: ({ data }) => ({ x: data["a.b"].$c }) } });
  const inner = { $getField: { field: { $literal: "a.b" }, input: "$event.data" } };
  expect(pipelineOf(value)[2]?.["$replaceWith"].x).toEqual({ $getField: { field: { $literal: "$c" }, input: inner } });
});

test("the same value compiles to the same bytes, handlers in the author's order", () => {
  const compiled = (): string => EJSON.stringify(compileProjection(orders, { events, at: nowhere }).definition);
  expect(compiled()).toBe(compiled());
  expect(sourceOf(defineProjection({ name: "p", into, on: { b: () => ({}), a: () => ({}) } }))).toMatchObject({
    config: { pipeline: [{ $match: { "fullDocument.type": { $in: ["b", "a"] } } }] },
  });
});

test("a handler that may fail over initial is preceded by seeds, others are not", () => {
  const seeded = (on: Readonly<Record<string, (event: never, view: never) => unknown>>, initial: Document): boolean =>
    EJSON.stringify(pipelineOf(defineProjection({ name: "p", into, initial, on: on as never }))).includes(
      '"$document"',
    );
  const average = { A: (_: unknown, view: Document) => ({ a: { $divide: [view["total"], view["count"]] } }) };
  const size = { A: (_: unknown, view: Document) => ({ a: { $size: view["tags"] } }) };
  const add = { A: ({ data }: Document, view: Document) => ({ n: { $add: [view["n"], data["q"]] } }) };
  const event = { A: ({ data }: Document) => ({ n: { $divide: [data["a"], data["b"]] } }) };
  expect(seeded(average, { total: 0, count: 0 })).toBe(true);
  expect(seeded(size, {})).toBe(true);
  expect(seeded(size, { tags: [] })).toBe(false);
  expect(seeded(add, { n: 0 })).toBe(false);
  expect(seeded(add, {})).toBe(false);
  expect(seeded(add, { n: "none" })).toBe(true);
  expect(seeded(event, {})).toBe(false);
  expect(seeded({ A: () => ({ "a.b": 1 }) }, { a: "scalar" })).toBe(true);
});

test("an operand that a null before it would hide makes a seed only where there may be a null", () => {
  const seeded = (fields: (data: Document) => Document): boolean =>
    EJSON.stringify(
      pipelineOf(
        defineProjection({
          name: "p",
          into,
          initial: { total: 0 },
          on: {
            A: ({ data }, view) => ({ total: { $add: [view.total, { $size: data.lines }] } }),
            B: ({ data }) => fields(data),
          },
        }),
      ),
    ).includes('"$document"');
  expect(seeded(() => ({ total: 0 }))).toBe(false);
  expect(seeded(({ total }) => ({ total: { $ifNull: [total, 0] } }))).toBe(false);
  expect(seeded(({ total }) => ({ total }))).toBe(true);
  expect(seeded(() => ({ total: "$$REMOVE" }))).toBe(true);
});

test("a finding stands at the handler, or at the object inside it whose place is known", () => {
  const expression = { $add: ["$items", 1] };
  const handler = (): unknown => ({ items: expression });
  const value = defineProjection({ name: "p", into, on: { A: handler as never } });
  const places = new Map<object, number>([
    [value, 1],
    [handler, 5],
  ]);
  const at = (object: object): { file: string; line: number; column: number } | undefined => {
    const line = places.get(object);
    return line === undefined ? undefined : { file: "p.ts", line, column: 1 };
  };
  const lines = (): readonly unknown[] => compileProjection(value, { events, at }).findings.map(({ line }) => line);
  expect(lines()).toEqual([5]);
  places.set(expression, 6);
  expect(lines()).toEqual([6]);
});

test("all mistakes are found at once, and none throws", () => {
  const self: Record<string, unknown> = {};
  self["self"] = self;
  const mistakes: Record<string, (event: never, view: never) => unknown> = {
    number: () => 5,
    nothing: () => undefined,
    promise: async () => ({}),
    throws: () => {
      throw new TypeError("no");
    },
    throwsText: () => {
      // oxlint-disable-next-line only-throw-error -- an author may
      throw "no";
    },
    template: ({ data }: Document) => ({ a: `${data["x"]}` }),
    plus: ({ data }: Document) => ({ a: data["x"] + 1 }),
    spread: ({ data }: Document) => ({ ...data["x"] }),
    rest: ({ id, ...rest }: Document) => ({ a: rest["x"], id }),
    json: ({ data }: Document) => ({ a: JSON.stringify(data["x"]) }),
    method: ({ data }: Document) => ({ a: data["x"].trim() }),
    iterate: ({ data }: Document) => ({ a: [...data["x"]] }),
    undefinedField: () => ({ a: undefined }),
    notANumber: () => ({ a: [Number.NaN] }),
    lambda: () => ({ a: () => 1 }),
    map: () => ({ a: new Map() }),
    date: () => ({ a: new Date("x") }),
    cycle: () => ({ a: self }),
    raw: () => ({ a: { $add: ["$x", 1] } }),
    rawGetField: () => ({ a: { $getField: "x" } }),
    operator: () => ({ $set: { a: 1 } }),
    emptyName: () => ({ "a..b": 1 }),
    reserved: () => ({ "_asp.v": 1 }),
    parents: () => ({ a: 1, "a.b.c": 1 }),
    root: () => ({ a: "$$ROOT" }),
    unbound: () => ({ a: { $map: { input: [1], as: "x", in: "$$y" } } }),
    outside: () => ({ a: { $map: { input: "$$x", as: "x", in: "$$x" } } }),
  };
  const value = defineProjection({ name: "p", into, initial: { _id: 1 }, on: mistakes as never });
  const { definition, findings } = compileProjection(value, { events, at: nowhere });
  expect(definition).toBeUndefined();
  for (const name of Object.keys(mistakes)) {
    expect(findings.filter(({ message }) => message.includes(`\`${name}\``)).length, name).toBe(1);
  }
  expect(findings).toHaveLength(Object.keys(mistakes).length + 1);
});

test.each([
  null,
  5,
  {},
  { name: "x" },
  { name: "x", into: null, on: null },
  { on: { A: 1 }, guard: {}, key: 1, initial: 2 },
])("a value that TypeScript would have refused (%j) is findings", (options) => {
  const value = { ...(options as object), [processorBrand]: "projection" } as never;
  const { definition, findings } = compileProjection(value, { at: nowhere });
  expect(definition).toBeUndefined();
  expect(findings.length).toBeGreaterThan(0);
});
