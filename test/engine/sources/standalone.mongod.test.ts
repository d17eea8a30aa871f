import { expect, test } from "vitest";
import { startEngine } from "../../../src/engine/start-engine.ts";
import { withMongod } from "../../support/mongod.ts";
import { startStandalone } from "../../support/standalone.ts";
import { eventsOf, freshName, mergeInto } from "../support.ts";

test.each(["of its own", "of the standalone too"])(
  "ASP5109: a standalone mongod has no change streams; checkpoints %s",
  async (where) => {
    const mongod = await withMongod();
    const cluster = { name: "events", client: await startStandalone() };
    const checkpoints = where === "of its own" ? { name: "test", client: mongod.client } : cluster;
    const name = freshName();
    const engine = await startEngine([{ name, pipeline: [eventsOf("shop", "orders"), mergeInto("shop", "seen")] }], {
      cluster: () => cluster,
      checkpoints: { cluster: checkpoints, db: mongod.db },
    });
    await engine.ended;
    expect(engine.stats()[0]).toMatchObject({
      state: "FAILED",
      error: {
        code: "ASP5109",
        message: "The cluster behind shop.orders is no replica set: it has no change streams",
      },
    });
    await engine.stop();
  },
);
