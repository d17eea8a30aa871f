import { expect, test } from "vitest";
import type { Difference } from "../../src/testing/compare/difference.ts";
import { isSameInAnotherOrder } from "../../src/testing/compare/same-in-another-order.ts";

const at = (path: string, expected: unknown, actual: unknown, _id = 1): Difference => ({
  kind: "different",
  collection: "shop.counts",
  _id,
  path,
  expected,
  actual,
});

test("elements that have changed places are the same in another order", () => {
  expect(isSameInAnotherOrder([at("users.0", "a", "b"), at("users.1", "b", "a")])).toBe(true);
  expect(isSameInAnotherOrder([at("all.0", 1, 2), at("all.2", 2, 1), at("all.0", 3, 4, 2), at("all.1", 4, 3, 2)])).toBe(
    true,
  );
});

test("an element that is new, or a field that differs, is not", () => {
  expect(isSameInAnotherOrder([at("users.0", "a", "c"), at("users.1", "b", "a")])).toBe(false);
  expect(isSameInAnotherOrder([at("users.0", "a", "b"), at("users.1", "b", "a"), at("n", 1, 2)])).toBe(false);
  expect(isSameInAnotherOrder([at("users.0", "a", "b"), at("others.0", "b", "a")])).toBe(false);
  expect(isSameInAnotherOrder([{ kind: "extra", collection: "shop.counts", _id: 1, path: "" }])).toBe(false);
  expect(isSameInAnotherOrder([])).toBe(false);
});
