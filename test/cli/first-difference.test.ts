import { expect, test } from "vitest";
import { firstDifference } from "../../src/cli/first-difference.ts";

test.each([
  ["a\nb\n", "a\nc\n", 2, 1, ["there: `b`", "compiled: `c`"]],
  ["a\n", "a\nc\n", 2, 1, ["there: an empty line", "compiled: `c`"]],
  ["a", "a\nc", 1, 1, ["there: the file ends", "compiled: `c`"]],
  ["a\nc\n", "a\n", 2, 1, ["there: `c`", "compiled: an empty line"]],
  ["a\nc", "a", 2, 1, ["there: `c`", "compiled: the file ends"]],
  ["a\r\n", "a\n", 1, 2, ["there: `a\\r`", "compiled: `a`"]],
  ["", "{", 1, 1, ["there: an empty line", "compiled: `{`"]],
  [
    `${"x".repeat(300)}1`,
    `${"x".repeat(300)}2`,
    1,
    301,
    [`there: \`…${"x".repeat(40)}1\``, `compiled: \`…${"x".repeat(40)}2\``],
  ],
])("%j against %j", (there, compiled, line, column, notes) => {
  expect(firstDifference({ there, compiled })).toEqual({ line, column, notes });
});
