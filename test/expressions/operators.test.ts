import { expect, test } from "vitest";
import { isOlder, isOperator, operatorsNewerThan } from "../../src/expressions/operators.ts";

test("a mongod of 6.0 lacks $median and $toUUID, one of 8.0 neither, and one of 9.0 nothing", () => {
  expect(operatorsNewerThan("6.0.5")).toContain("$median");
  expect(operatorsNewerThan("6.0.5")).toContain("$toUUID");
  expect(operatorsNewerThan("6.0.5")).not.toContain("$top");
  expect(operatorsNewerThan("8.0.0")).not.toContain("$median");
  expect(operatorsNewerThan("8.0.0")).toContain("$sigmoid");
  expect(operatorsNewerThan("9.0.0")).toEqual([]);
});

test("versions are compared by number", () => {
  expect(isOlder("7.0.14", "7.0")).toBe(false);
  expect(isOlder("10.0.0", "8.3")).toBe(false);
  expect(isOlder("6.3.0-rc1", "7.0")).toBe(true);
});

test("ASP's own operators are operators", () => {
  expect(isOperator("$currentDate")).toBe(true);
  expect(isOperator("$createUUID")).toBe(true);
  expect(isOperator("$concta")).toBe(false);
});
