import { afterAll, beforeAll, expect, test } from "vitest";
import { certainText, textOperators } from "../../src/compiler/expressions/certain-text.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** The type of what an expression gives over a document, or "fails". */
async function typeOf(expression: unknown, a: unknown): Promise<string> {
  const stages = [{ $documents: [{ a: { $literal: a } }] }, { $project: { type: { $type: expression } } }];
  try {
    const [found] = await mongod.client.db(mongod.db).aggregate(stages).toArray();
    return String(found?.["type"]);
  } catch {
    return "fails";
  }
}

const values: readonly unknown[] = ["text", 7, new Date(0), true, null];
const argumentsOf: Readonly<Record<string, unknown>> = {
  $dateToString: { date: "$a" },
  $concat: ["$a", "x"],
  $substr: ["$a", 0, 1],
  $substrBytes: ["$a", 0, 1],
  $substrCP: ["$a", 0, 1],
  $trim: { input: "$a" },
  $ltrim: { input: "$a" },
  $rtrim: { input: "$a" },
  $replaceOne: { input: "$a", find: "t", replacement: "" },
  $replaceAll: { input: "$a", find: "t", replacement: "" },
};

test.each([...textOperators])("%s gives a text, null or nothing at all on mongod", async (operator) => {
  const expression = { [operator]: argumentsOf[operator] ?? "$a" };
  expect(certainText(expression)).toEqual({ kind: "computed", operator });
  const types = new Set(await Promise.all(values.map((value) => typeOf(expression, value))));
  expect([...types].filter((type) => !["string", "null", "fails"].includes(type))).toEqual([]);
  expect(types).toContain("string");
});

test.each(["soon", "now", "today", "noon", "Monday", "Z", "May", ""])("mongod reads no date in %j", async (text) => {
  expect(await typeOf({ $toDate: "$a" }, text)).toBe("fails");
  expect(await typeOf({ $dateFromString: { dateString: "$a" } }, text)).toBe("fails");
});

test.each([
  ["$toDate", true],
  ["$toDate", { a: 1 }],
  ["$dateFromString", new Date(0)],
  ["$dateFromString", 1_700_000_000_000],
])("%s makes no date of %j on mongod", async (operator, value) => {
  const argument = operator === "$toDate" ? "$a" : { dateString: "$a" };
  expect(await typeOf({ [operator]: argument }, value)).toBe("fails");
});
