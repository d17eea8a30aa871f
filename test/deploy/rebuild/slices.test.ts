import { expect, test } from "vitest";
import { countSlices, matchSlice, toSlices } from "../../../src/deploy/rebuild/slices.ts";

test("events are cut into slices of one size, and into few where each reads all of them", () => {
  expect(countSlices(0, { hasIndex: true })).toBe(1);
  expect(countSlices(20_000, { hasIndex: true })).toBe(1);
  expect(countSlices(1_000_000, { hasIndex: true })).toBe(50);
  expect(countSlices(1_000_000, { hasIndex: false })).toBe(12);
  expect(countSlices(1000, { hasIndex: true, perSlice: 100 })).toBe(10);
});

test("slices meet, and the first and the last are open", () => {
  const buckets = [
    { _id: { min: null, max: "b" }, count: 3 },
    { _id: { min: "b", max: "d" }, count: 4 },
    { _id: { min: "d", max: "z" }, count: 5 },
  ];
  const slices = toSlices(buckets);
  expect(slices).toEqual([
    { to: { stream: "b" }, events: 3 },
    { from: { stream: "b" }, to: { stream: "d" }, events: 4 },
    { from: { stream: "d" }, events: 5 },
  ]);
  expect(slices.map((slice) => matchSlice("meta.stream", slice))).toEqual([
    [{ $match: { $expr: { $and: [{ $lt: ["$meta.stream", { $literal: "b" }] }] } } }],
    [
      {
        $match: {
          $expr: {
            $and: [{ $gte: ["$meta.stream", { $literal: "b" }] }, { $lt: ["$meta.stream", { $literal: "d" }] }],
          },
        },
      },
    ],
    [{ $match: { $expr: { $and: [{ $gte: ["$meta.stream", { $literal: "d" }] }] } } }],
  ]);
  expect(toSlices([])).toEqual([]);
  expect(matchSlice("stream", { events: 9 })).toEqual([]);
});
