import { describe, expect, test } from "vitest";
import { selectProcessors, toFlow } from "../../src/testing/run/flow.ts";
import type { Flow } from "../../src/testing/run/flow.ts";
import { restartPoints } from "../../src/testing/run/run-trial.ts";

function flow(name: string, source: object, into?: object): Flow {
  const sink = into === undefined ? [] : [{ $merge: { into } }];
  return toFlow({ name, pipeline: [{ $source: source }, ...sink] });
}

const orders = flow("orders", { db: "shop", coll: "events" }, { db: "shop", coll: "orders" });
const big = flow("big", { db: "shop", coll: ["orders", "carts"] }, { db: "shop", coll: "big" });
const audit = flow("audit", { db: "ops" }, { db: "ops", coll: { $concat: ["a", "$day"] } });
const all = flow("all", {}, { db: "copy", coll: "$ns.coll" });
const inline = flow("inline", { documents: [{ a: 1 }] }, { db: "shop", coll: "carts" });

function select(given: readonly string[], processors: readonly Flow[], only?: readonly string[]): readonly string[] {
  const collections = given.map((name) => ({ db: name.split(".")[0] ?? "", coll: name.split(".")[1] ?? "" }));
  return selectProcessors(processors, collections, only).map(({ name }) => name);
}

describe("processors take part", () => {
  test("when they read what is given, and when they read what those write", () => {
    expect(select(["shop.events"], [big, orders, audit])).toEqual(["big", "orders"]);
  });
  test("when their source is the whole database or cluster", () => {
    expect(select(["ops.log"], [orders, audit, all])).toEqual(["audit", "all"]);
  });
  test("when a name that is computed may be the one that they read", () => {
    expect(select(["ops.log"], [audit, flow("next", { db: "ops", coll: "a1" })])).toEqual(["audit", "next"]);
  });
  test("not for documents of their own, unless they are named", () => {
    expect(select(["shop.events"], [inline, orders])).toEqual(["orders"]);
    expect(select(["shop.events"], [inline, orders], ["inline"])).toEqual(["inline"]);
  });
  test("when they read a topic that is given, or that those write, also one whose name is computed", () => {
    const read = flow("read", { topic: ["orders", "carts"] }, { db: "shop", coll: "orders" });
    const emit = (name: string, topic: unknown) =>
      toFlow({ name, pipeline: [{ $source: { topic: "in" } }, { $emit: { connectionName: "bus", topic } }] });
    expect(select(["topic.carts"], [read, audit])).toEqual(["read"]);
    expect(select(["topic.in"], [read, big, emit("emit", "orders"), audit])).toEqual(["read", "big", "emit"]);
    expect(select(["topic.in"], [read, emit("emit", { $concat: ["a", "$b"] })])).toEqual(["read", "emit"]);
  });
  test("not for a topic where they read a whole cluster, nor for a collection where they read topics", () => {
    expect(select(["topic.orders"], [all])).toEqual([]);
    expect(select(["shop.orders"], [flow("read", { topic: "orders" }, { db: "a", coll: "b" })])).toEqual([]);
  });
  test("also where they write what they read", () => {
    const loop = flow("loop", { db: "shop", coll: "events" }, { db: "shop", coll: "events" });
    expect(select(["shop.events"], [loop])).toEqual(["loop"]);
  });
});

test.each([
  [0, []],
  [1, [0]],
  [3, [0, 1, 2]],
  [24, Array.from({ length: 24 }, (_, index) => index)],
  [2400, Array.from({ length: 24 }, (_, index) => index * 100)],
])("the restarts of %i operations are spread from the start", (count, points) => {
  expect([...restartPoints(count)]).toEqual(points);
});
