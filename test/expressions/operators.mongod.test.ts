import { afterAll, beforeAll, expect, test } from "vitest";
import { isOlder, operatorVersions } from "../../src/expressions/operators.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

test("the operators of this mongod's version are those that the mongod itself counts", async () => {
  const { version, metrics } = await mongod.client.db("admin").command({ serverStatus: 1 });
  const { expressions, groupAccumulators, windowAccumulators } = metrics.operatorCounters;
  const counted = [...Object.keys(expressions), ...Object.keys(groupAccumulators), ...Object.keys(windowAccumulators)];
  const ours = [...operatorVersions].filter(([, needs]) => !isOlder(version, needs)).map(([name]) => name);
  expect(ours.filter((name) => !counted.includes(name))).toEqual([]);
  // A newer server counts operators that no manual has.
  if (!version.startsWith("6.0.")) return;
  expect(counted.filter((name) => !name.startsWith("$_") && !ours.includes(name))).toEqual([]);
});
