import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { cutEachRequest, failEachRequest, faults } from "./faulty-world.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

test.each(faults)(
  "each request of the Admin API meets %o: deployed again, all is as wanted",
  async (fault) => {
    expect(await failEachRequest(mongod, () => fault)).toBeGreaterThan(30);
  },
  600_000,
);

test.each(["before", "after"] as const)(
  "each request by wire is cut %s it took effect: deployed again, all is as wanted",
  async (when) => {
    expect(await cutEachRequest(mongod, when)).toBeGreaterThan(30);
  },
  600_000,
);
