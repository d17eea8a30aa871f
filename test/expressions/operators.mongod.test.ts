import { afterAll, beforeAll, expect, test } from "vitest";
import { isOlder, operatorVersions, operatorsOf } from "../../src/expressions/operators.ts";
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

test("operators are of the kinds that a mongod of 6.0 counts them as", async ({ skip }) => {
  const { version, metrics } = await mongod.client.db("admin").command({ serverStatus: 1 });
  if (!version.startsWith("6.0.")) skip();
  const { expressions, groupAccumulators, windowAccumulators, match } = metrics.operatorCounters;
  const counted = (counters: object) => Object.keys(counters).filter((name) => !name.startsWith("$_"));
  const old = (names: readonly string[]) => names.filter((name) => operatorVersions.get(name) === "6.0");
  // Named by newer servers only as expressions, though they are as old as accumulators.
  const asExpressions = new Set(["$bottom", "$bottomN", "$top", "$topN"]);
  expect(
    old(operatorsOf("expression"))
      .filter((name) => !asExpressions.has(name))
      .toSorted(),
  ).toEqual(counted(expressions).toSorted());
  const newer = new Set(["$concatArrays", "$setUnion"]);
  expect(
    old(operatorsOf("accumulator"))
      .filter((name) => !newer.has(name))
      .toSorted(),
  ).toEqual(counted(groupAccumulators).toSorted());
  expect(old(operatorsOf("window")).toSorted()).toEqual(
    counted(windowAccumulators)
      .filter((name) => !Object.hasOwn(groupAccumulators, name))
      .toSorted(),
  );
  // Two older names of operators, and the option of one, are not counted.
  const uncounted = new Set(["$geoNear", "$within", "$options"]);
  expect(
    operatorsOf("query")
      .filter((name) => !uncounted.has(name))
      .toSorted(),
  ).toEqual(counted(match).toSorted());
});
