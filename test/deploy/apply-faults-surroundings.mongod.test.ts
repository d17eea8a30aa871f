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
import { faults } from "./faulty-world.ts";

// Some positions; all of them are in apply-faults.long.test.ts.
let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

test.each(beginnings)(
  "a request fails while workspace, connections, indexes and processors are deployed over %s: deployed again, all is as wanted",
  async (beginning) => {
    const world = await openSurroundings(mongod, beginning);
    const step = 9;
    const acting = { act: () => deploySurroundings(world), look: () => expectSurroundings(world) };
    const positions = await failEach(
      world,
      acting,
      (position) => faults[(position / step) % faults.length] ?? {},
      step,
    );
    expect(positions).toBeGreaterThan(20);
  },
  120_000,
);

test("a request fails while all of it is destroyed: destroyed again, what was managed is gone, and nothing else", async () => {
  const world = await openSurroundings(mongod, "another state");
  const acting = {
    prepare: async () => expect((await deploySurroundings(world)).outcome).toBe("done"),
    act: () => destroySurroundings(world),
    look: () => expectDestroyed(world),
  };
  const step = 5;
  const positions = await failEach(world, acting, (position) => faults[(position / step) % faults.length] ?? {}, step);
  expect(positions).toBeGreaterThan(10);
}, 120_000);

test("the cluster of the record is cut off: deployed again, all is as wanted, and no lock is left", async () => {
  expect(await cutCluster(mongod, "after", 23)).toBeGreaterThan(20);
}, 120_000);
