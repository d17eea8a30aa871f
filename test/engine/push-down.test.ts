import { expect, test } from "vitest";
import { givesDocument } from "../../src/engine/core/gives-document.ts";
import { planProcessor } from "../../src/engine/core/plan.ts";
import { stagesAsExpression } from "../../src/engine/core/push-down.ts";

const inserts = { pipeline: [{ $match: { operationType: "insert" } }], fullDocumentOnly: true };
const plan = (stages: readonly object[], config: object = inserts) =>
  planProcessor({
    name: "p",
    pipeline: [
      { $source: { connectionName: "c", db: "d", coll: "e", config } },
      ...stages,
      { $merge: { into: { connectionName: "c", db: "d", coll: "f" } } },
    ],
  });
const pushed = (...args: Parameters<typeof plan>): unknown => stagesAsExpression(plan(...args))?.expression;

test("stages that make one document of each event become one expression over it", () => {
  expect(pushed([{ $replaceWith: { _id: "$a.b", all: "$$ROOT" } }, { $unset: ["_ts"] }])).toEqual({
    $let: {
      vars: {
        asp_doc: {
          $let: { vars: { asp_doc: "$fullDocument" }, in: { _id: "$$asp_doc.a.b", all: "$$asp_doc" } },
        },
      },
      in: { $unsetField: { field: "_ts", input: "$$asp_doc" } },
    },
  });
});

test.each([
  ["drops events", [{ $match: { a: 1 } }]],
  ["numbers what it makes", [{ $unwind: { path: "$a", includeArrayIndex: "at" } }]],
  ["takes a nested array apart", [{ $unwind: "$a.b" }]],
  ["multiplies twice", [{ $unwind: "$a" }, { $unwind: "$b" }]],
  ["may give no document", [{ $replaceWith: "$a" }]],
  ["asks for the engine's time", [{ $replaceWith: { at: { $currentDate: {} } } }]],
  ["asks for a UUID of its own", [{ $replaceWith: { id: { $createUUID: {} } } }]],
  ["converts binary data", [{ $replaceWith: { a: [{ $convert: { input: "$a", to: "string", format: "hex" } }] } }]],
  ["reads metadata", [{ $replaceWith: { _id: { $meta: "stream.source.ts" } } }]],
  [
    "binds the name that the document gets",
    [{ $replaceWith: { a: { $let: { vars: { asp_doc: 1 }, in: "$$asp_doc" } } } }],
  ],
  ["takes a nested field away", [{ $unset: "a.b" }]],
])("a stage that %s stays where it is", (_what, stages) => {
  expect(pushed(stages)).toBeUndefined();
});

test("events that may have no fullDocument are not taken apart by the change stream", () => {
  expect(pushed([{ $replaceWith: { _id: 1 } }], { fullDocumentOnly: true })).toBeUndefined();
});

test.each([
  [{ a: 1 }, true],
  ["$$ROOT", true],
  ["$$REMOVE", false],
  ["$a", false],
  [{ $mergeObjects: ["$a", "$b"] }, true],
  [{ $setField: { field: "a", input: { $mergeObjects: ["$a"] }, value: 1 } }, true],
  [{ $setField: { field: "a", input: "$a", value: 1 } }, false],
  [{ $cond: ["$a", { b: 1 }, "$c"] }, false],
  [{ $cond: { if: "$a", then: { b: 1 }, else: { c: 1 } } }, true],
  [{ $switch: { branches: [{ case: "$a", then: { b: 1 } }] } }, true],
  [{ $switch: { branches: [{ case: "$a", then: { b: 1 } }], default: null } }, false],
  [{ $let: { vars: { a: 1 }, in: { $literal: { a: 1 } } } }, true],
  [{ $add: [1, 2] }, false],
])("%j gives a document: %s", (expression, expected) => {
  expect(givesDocument(expression)).toBe(expected);
});
