import { expect, test } from "vitest";
import { isAspError } from "../../src/diagnostics/asp-error.ts";
import { createDynamicTargets, dynamicTargetsMax } from "../../src/engine/core/dynamic-targets.ts";

const thrownBy = (run: () => void): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

test("a thousand different targets are taken, however often each comes, and the next one is not", () => {
  const targets = createDynamicTargets("$merge");
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < dynamicTargetsMax; at += 1) targets.add("shop", `orders_${at}`);
  }
  const error = thrownBy(() => targets.add("shop", "orders_1000"));
  expect(isAspError(error) && error.code).toBe("ASP5156");
  expect(String(error)).toContain('"shop.orders_1000"');
  expect(thrownBy(() => targets.add("shop", "orders_0"))).toBeUndefined();
});

test("a target is all of its names", () => {
  const targets = createDynamicTargets("$emit", 2);
  targets.add("a", "bc");
  targets.add("ab", "c");
  expect(thrownBy(() => targets.add("abc", ""))).toBeDefined();
});
