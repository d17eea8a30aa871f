import { describe, expect, test } from "vitest";
import { cutHead, toSegments } from "../../src/engine/core/inner-segments.ts";
import { planSteps } from "../../src/engine/core/plan-steps.ts";

const $match = { $match: { a: 1 } };
const $group = { $group: { _id: null } };
const $set = { $set: { b: 1 } };
const $sort = { $sort: { b: 1 } };
const $limit = { $limit: 1 };
const elsewhere = { $lookup: { from: { connectionName: "c", db: "d", coll: "e" }, as: "f" } };

describe("one aggregate runs the stages", () => {
  test("up to the last that needs all documents", () => {
    expect(cutHead(planSteps([$match, $group, $set]))).toEqual({
      head: [$match, $group],
      tail: [{ kind: "stages", stages: [$set] }],
    });
  });
  test("and the limit that follows it", () => {
    expect(cutHead(planSteps([$sort, $limit])).head).toEqual([$sort, $limit]);
    // What fails between may fail after the first results.
    expect(cutHead(planSteps([$sort, $set, $limit])).head).toEqual([$sort]);
  });
  test("none where nothing needs all documents, or the first runs elsewhere", () => {
    expect(cutHead(planSteps([$match])).head).toEqual([]);
    expect(cutHead(planSteps([elsewhere, $group])).head).toEqual([]);
  });
});

test("one by one, stages are told apart by whether they need all documents", () => {
  expect(toSegments(planSteps([$match, $set, $group, elsewhere, $set, $sort, $limit]))).toEqual([
    { kind: "documents", steps: [{ kind: "stages", stages: [$match, $set] }] },
    { kind: "whole", stage: $group },
    { kind: "documents", steps: planSteps([elsewhere, $set]) },
    { kind: "whole", stage: $sort },
    { kind: "whole", stage: $limit },
  ]);
});
