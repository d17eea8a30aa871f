import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { operatorTable } from "../../scripts/generate-operators.ts";
import { isOlder, isOperatorOf, operatorsNewerThan } from "../../src/expressions/operators.ts";

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
  expect(isOperatorOf("expression", "$currentDate")).toBe(true);
  expect(isOperatorOf("expression", "$createUUID")).toBe(true);
  expect(isOperatorOf("expression", "$concta")).toBe(false);
});

test("an operator is of every kind that the server counts it as", () => {
  expect(isOperatorOf("accumulator", "$sum")).toBe(true);
  expect(isOperatorOf("expression", "$sum")).toBe(true);
  expect(isOperatorOf("expression", "$push")).toBe(false);
  expect(isOperatorOf("query", "$exists")).toBe(true);
  expect(isOperatorOf("expression", "$exists")).toBe(false);
  expect(isOperatorOf("accumulator", "$rank")).toBe(false);
});

test("the table of operators is what the published names and our corrections give", () => {
  const file = new URL("../../src/expressions/operator-table.ts", import.meta.url);
  // The formatter decides where the long lines break.
  const words = (text: string) => text.split(/\s+/);
  expect(words(readFileSync(file, "utf8"))).toEqual(words(operatorTable()));
});
