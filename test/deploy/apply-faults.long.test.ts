import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import {
  beginnings,
  cutCluster,
  deploySurroundings,
  destroySurroundings,
  expectDestroyed,
  expectSurroundings,
  failEach,
  openSurroundings,
} from "./faulty-surroundings.ts";
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

test.each(beginnings.flatMap((beginning) => faults.map((fault) => ({ beginning, fault }))))(
  "each request meets $fault while workspace, connections, indexes and processors are deployed over $beginning",
  async ({ beginning, fault }) => {
    const world = await openSurroundings(mongod, beginning);
    const acting = { act: () => deploySurroundings(world), look: () => expectSurroundings(world) };
    expect(await failEach(world, acting, () => fault)).toBeGreaterThan(20);
  },
  600_000,
);

test.each(faults)(
  "each request meets %o while all of it is destroyed",
  async (fault) => {
    const world = await openSurroundings(mongod, "another state");
    const acting = {
      prepare: async () => expect((await deploySurroundings(world)).outcome).toBe("done"),
      act: () => destroySurroundings(world),
      look: () => expectDestroyed(world),
    };
    expect(await failEach(world, acting, () => fault)).toBeGreaterThan(10);
  },
  600_000,
);

test.each(["before", "after"] as const)(
  "each piece of a request to the cluster of the record is cut %s it arrived",
  async (when) => {
    expect(await cutCluster(mongod, when)).toBeGreaterThan(20);
  },
  600_000,
);
