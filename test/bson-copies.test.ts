import { createRequire } from "node:module";
import { Long } from "bson";
import type * as bson from "bson";
import { expect, test } from "vitest";
import { compareDeadLetters } from "../src/testing/compare/compare-dead-letters.ts";
import { compileProcessor } from "../src/compiler/compile-processor.ts";
import { defineProcessor } from "../src/projections/define-processor.ts";
import { local } from "./compiler/support.ts";

/** The copy that the driver loads: same version, other classes. */
const driver = createRequire(import.meta.url)("bson") as typeof bson;

test("the driver's BSON values are none of our classes", () => {
  expect(driver.Long.ONE instanceof Long).toBe(false);
});

test("a $date of the driver's Long is a date in a definition", () => {
  const value = defineProcessor({
    name: "dated",
    pipeline: [
      { $source: { connectionName: "events", db: "shop", coll: "events" } },
      { $match: { at: { $gt: { $date: driver.Long.fromNumber(5) } } } },
      { $merge: { into: { connectionName: "domain", db: "shop", coll: "dated" } } },
    ],
  });
  const { definition } = compileProcessor(value, { environment: local, at: () => undefined });
  expect(definition?.pipeline[1]).toEqual({ $match: { at: { $gt: new Date(5) } } });
});

test("a reason may be the driver's regular expression", () => {
  const expected = [{ errInfo: { reason: new driver.BSONRegExp("^no room", "i") } }];
  expect(compareDeadLetters(expected, [{ errInfo: { reason: "No room left" }, doc: {} }])).toEqual([]);
  expect(compareDeadLetters(expected, [{ errInfo: { reason: "No way" }, doc: {} }])).not.toEqual([]);
});
