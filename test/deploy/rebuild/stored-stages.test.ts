import { describe, expect, test } from "vitest";
import { sinkOf, toStoredStages, writingTo } from "../../../src/deploy/rebuild/stored-stages.ts";

const into = { connectionName: "domain", db: "shop", coll: "orders" };
const source = (pipeline?: readonly object[]) => ({
  $source: {
    connectionName: "events",
    db: "shop",
    coll: "events",
    config: { fullDocumentOnly: true, ...(pipeline && { pipeline }) },
  },
});
const merge = { $merge: { into, whenMatched: [{ $replaceWith: "$$new" }], whenNotMatched: "insert" } };

describe("the stages over stored events", () => {
  test("have conditions on the event in place of those on the change", () => {
    const pushed = { $match: { operationType: "insert", "fullDocument.meta.type": { $in: ["Paid"] } } };
    expect(toStoredStages({ pipeline: [source([pushed]), { $set: { a: 1 } }, merge] })).toEqual({
      match: [{ $match: { "meta.type": { $in: ["Paid"] } } }],
      stages: [{ $set: { a: 1 } }],
      merge: { whenMatched: [{ $replaceWith: "$$new" }], whenNotMatched: "insert" },
    });
  });

  test("choose all events where the projection handles all", () => {
    const pushed = { $match: { operationType: "insert" } };
    expect(toStoredStages({ pipeline: [source([pushed]), merge] }).match).toEqual([{ $match: {} }]);
    expect(toStoredStages({ pipeline: [source(), merge] }).match).toEqual([]);
  });
});

test("a pipeline writes to another collection, and all else is as it was, in its order", () => {
  const pipeline = [source(), { $set: { a: 1 } }, merge];
  const changed = writingTo(pipeline, "orders__v2");
  expect(sinkOf(changed)).toEqual({ ...into, coll: "orders__v2" });
  expect(JSON.stringify(changed)).toBe(JSON.stringify(pipeline).replace('"orders"', '"orders__v2"'));
  expect(writingTo(changed, "orders")).toEqual(pipeline);
  expect(sinkOf([source(), { $emit: { connectionName: "bus", topic: "t" } }])).toBeUndefined();
});
