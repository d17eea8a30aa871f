import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { cutEachRequest, failEachRequest, faults } from "./faulty-world.ts";

// Some positions; all of them are in apply-faults.long.test.ts.
let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

test("a request of the Admin API fails: deployed again, all is as wanted", async () => {
  const step = 4;
  const positions = await failEachRequest(mongod, (position) => faults[(position / step) % faults.length] ?? {}, step);
  expect(positions).toBeGreaterThan(30);
}, 120_000);

test("a connection of the wire is cut: deployed again, all is as wanted", async () => {
  expect(await cutEachRequest(mongod, "after", 7)).toBeGreaterThan(30);
}, 120_000);
