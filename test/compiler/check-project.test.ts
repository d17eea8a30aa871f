import { describe, expect, test } from "vitest";
import { checkProject } from "../../src/compiler/check-project.ts";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import type { Environment } from "../../src/config/environment.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { defineProcessor } from "../../src/projections/define-processor.ts";
import { defineProjection } from "../../src/projections/define-projection.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { local } from "./support.ts";

const environment: Environment = {
  ...local,
  events: {
    connectionName: "events",
    db: "shop",
    coll: "events",
    envelope: { id: "_id", stream: "streamId", version: "version", type: "type", time: "at", data: "data" },
  },
};

function check(values: readonly AuthoredValue[], changed: Partial<Environment> = {}): readonly Finding[] {
  const context = { environment: { ...environment, ...changed }, at: () => undefined };
  const members = values.map((value) => {
    const { definition, findings } = compileProcessor(value, context);
    if (definition === undefined) throw new Error(JSON.stringify(findings));
    return { definition, value };
  });
  return checkProject(members, context);
}

const codes = (...args: Parameters<typeof check>) => check(...args).map(({ code }) => code);

interface Parts {
  readonly from?: object;
  readonly before?: readonly object[];
  readonly into?: object;
  readonly more?: object;
}

const processor = (name: string, { from, before = [], into, more }: Parts): AuthoredValue =>
  defineProcessor({
    name,
    pipeline: [
      { $source: { connectionName: "events", db: "shop", coll: "events", ...from } },
      ...before,
      { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders", ...into }, ...more } },
    ] as never,
  });

describe("processors that write one field", () => {
  const setting = (...fields: readonly string[]): Parts => ({
    more: { whenMatched: [{ $set: Object.fromEntries(fields.map((field) => [field, "$$new.x"])) }] },
  });
  const projecting = (...fields: readonly string[]): Parts => ({
    before: [{ $project: Object.fromEntries(fields.map((field) => [field, 1])) }],
  });

  test("are named both, with the field", () => {
    const [finding, ...others] = check([processor("a", setting("x", "total")), processor("b", setting("total"))]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: "ASP4070",
      severity: "warning",
      processor: "b",
      message: "`a` and `b` both write `total` of `shop.orders`",
      notes: ["`a` writes it too", expect.any(String)],
    });
  });

  test.each<readonly [string, Parts, Parts, boolean]>([
    ["a field and one of its parts", setting("address"), setting("address.city"), true],
    ["two parts of one field", setting("address.street"), setting("address.city"), false],
    ["fields of their own", setting("a"), setting("b"), false],
    ["a removed field", setting("a"), { more: { whenMatched: [{ $unset: "a" }] } }, true],
    ["a field that is left as it is", setting("a"), { more: { whenMatched: [{ $set: { a: "$a", b: 1 } }] } }, false],
    ["one that replaces and one that sets", { more: { whenMatched: "replace" } }, setting("a"), true],
    ["two that replace", { more: { whenMatched: "replace" } }, { more: { whenMatched: "replace" } }, true],
    ["one that replaces in a pipeline", { more: { whenMatched: [{ $replaceWith: "$$new" }] } }, setting("a"), true],
    ["merged fields that are known", projecting("a", "b"), projecting("b", "c"), true],
    ["merged fields of their own", projecting("a"), projecting("c"), false],
    ["the key alone", projecting("_id", "k"), { ...projecting("k"), more: { on: "k" } }, false],
    ["fields that are not known", {}, {}, false],
    ["one that keeps what is there", { more: { whenMatched: "keepExisting" } }, setting("a"), false],
    ["another collection", setting("a"), { ...setting("a"), into: { coll: "others" } }, false],
    ["another database", setting("a"), { ...setting("a"), into: { db: "others" } }, false],
    ["another cluster", setting("a"), { ...setting("a"), into: { connectionName: "events" } }, false],
    [
      "a computed collection",
      { ...setting("a"), into: { coll: "$c" } },
      { ...setting("a"), into: { coll: "$c" } },
      false,
    ],
  ])("%s", (_, a, b, isFound) => {
    const found = codes([processor("a", a), processor("b", b)]).filter((code) => code === "ASP4070");
    expect(found).toEqual(isFound ? ["ASP4070"] : []);
  });

  test("projections into one collection meet in _asp", () => {
    const into = { connectionName: "domain", db: "shop", coll: "orders" };
    const one = (name: string) => defineProjection({ name, into, on: { OrderPlaced: () => ({ [name]: 1 }) } });
    expect(check([one("a"), one("b")]).map(({ message }) => message)).toEqual([
      "`a` and `b` both write `_asp` of `shop.orders`",
    ]);
  });

  test("two connections to one address are one cluster", () => {
    const connections = {
      events: { type: "Cluster", uri: "${URI}" },
      domain: { type: "Cluster", uri: "${URI}" },
    } as const;
    const values = [
      processor("a", setting("x")),
      processor("b", { ...setting("x"), into: { connectionName: "events" } }),
    ];
    expect(codes(values, { connections })).toEqual(["ASP4070"]);
  });
});

describe("loops", () => {
  const orders = { connectionName: "domain", coll: "orders" };

  test("of one processor", () => {
    expect(check([processor("a", { from: orders })])).toMatchObject([
      { code: "ASP4071", processor: "a", path: [0], message: "`a` reads what it writes: `shop.orders`" },
    ]);
  });

  test("around several, told once", () => {
    const found = check([
      processor("a", { into: { coll: "one" } }),
      processor("b", { from: { connectionName: "domain", coll: "one" }, into: { coll: "two" } }),
      processor("c", { from: { connectionName: "domain", coll: ["x", "two"] }, into: { coll: "three" } }),
      processor("d", { from: { connectionName: "domain", coll: "three" }, into: { coll: "one" } }),
    ]);
    expect(found).toMatchObject([
      {
        code: "ASP4071",
        message: "`b` reads what it causes, around `c`, `d`",
        notes: ["`b` writes `shop.two`", "`c` writes `shop.three`", "`d` writes `shop.one`", expect.any(String)],
      },
    ]);
  });

  test.each([{ db: "shop" }, {}])("by a whole database or cluster: %j", (scope) => {
    const value = defineProcessor({
      name: "a",
      pipeline: [
        { $source: { connectionName: "domain", ...scope } },
        { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } },
      ],
    });
    expect(codes([value])).toEqual(["ASP4071"]);
  });

  const insertsOnly = (match: unknown) => ({ ...orders, config: { pipeline: [{ $match: match }] } });
  test.each<readonly [string, Parts, boolean]>([
    [
      "inserts alone, and a sink that only updates",
      { from: insertsOnly({ operationType: "insert" }), more: { whenNotMatched: "discard" } },
      false,
    ],
    [
      "the same in a list",
      { from: insertsOnly({ operationType: { $in: ["insert"] } }), more: { whenNotMatched: "discard" } },
      false,
    ],
    ["inserts alone, and a sink that inserts", { from: insertsOnly({ operationType: "insert" }) }, true],
    [
      "updates as well",
      { from: insertsOnly({ operationType: { $in: ["insert", "update"] } }), more: { whenNotMatched: "discard" } },
      true,
    ],
    ["a chain without an end at its start", { from: { connectionName: "domain", coll: "others" } }, false],
  ])("%s", (_, parts, isFound) => {
    expect(codes([processor("a", parts)])).toEqual(isFound ? ["ASP4071"] : []);
  });
});

describe("the unique index of a sink", () => {
  const on = (...fields: readonly string[]): Parts => ({ more: { on: fields.length === 1 ? fields[0] : fields } });
  const spec = (index: object, more: object = {}) => ({
    collections: [{ connectionName: "domain", db: "shop", coll: "orders", indexes: [index], ...more }] as never,
  });

  test("is shown as yaml and as a command, by the names that each of them needs", () => {
    const databases = { shop: "shop_prod" };
    expect(check([processor("a", on("customerId", "day"))], { databases })).toMatchObject([
      {
        code: "ASP4072",
        message: "`$merge` on `customerId`, `day` needs a unique index, and the config lists none for `shop.orders`",
        notes: [
          "without it the processor fails when it starts",
          "under collections: - { connectionName: domain, db: shop, coll: orders, indexes: [{ key: { customerId: 1, day: 1 }, unique: true }] }",
          'in mongosh: db.getSiblingDB("shop_prod").getCollection("orders").createIndex({"customerId":1,"day":1}, { unique: true })',
        ],
      },
    ]);
    expect(codes([processor("a", on("k"))], { databases, ...spec({ key: { k: 1 }, unique: true }) })).toEqual([]);
  });

  test.each<readonly [string, Parts, Partial<Environment>, boolean]>([
    ["_id has one", on("_id"), {}, false],
    ["listed", on("k"), spec({ key: { k: 1 }, unique: true }), false],
    ["listed in another order", on("k", "l"), spec({ key: { l: -1, k: 1 }, unique: true }), false],
    ["not unique", on("k"), spec({ key: { k: 1 } }), true],
    ["of more fields", on("k"), spec({ key: { k: 1, l: 1 }, unique: true }), true],
    ["partial", on("k"), spec({ key: { k: 1 }, unique: true, partialFilterExpression: { k: { $gt: 1 } } }), true],
    ["of another collection", on("k"), spec({ key: { k: 1 }, unique: true }, { coll: "others" }), true],
  ])("%s", (_, parts, changed, isFound) => {
    expect(codes([processor("a", parts)], changed)).toEqual(isFound ? ["ASP4072"] : []);
  });
});
