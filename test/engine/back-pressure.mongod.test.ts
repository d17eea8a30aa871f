import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProcessor } from "../../src/engine/processor.ts";
import { planProcessor } from "../../src/engine/core/plan.ts";
import { serialize } from "bson";
import { createExpressionRunner } from "../../src/engine/expression-runner.ts";
import { createStageRunner } from "../../src/engine/stage-runner.ts";
import { noConnections } from "../../src/engine/connections.ts";
import { operatorsOf } from "../../src/engine/core/operators-of.ts";
import { createMeter } from "../../src/engine/meter.ts";
import { createFlow } from "../../src/engine/create-flow.ts";
import type { Sink } from "../../src/engine/sinks/sink.ts";
import { createCheckpointStore } from "../../src/engine/checkpoints.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { eventsOf, freshName, mergeInto } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

test("a sink that stands still lets the source hand over a bounded amount and no more", async () => {
  const name = freshName();
  const plan = planProcessor({ name, pipeline: [eventsOf(mongod.db, name), mergeInto(mongod.db, name)] });
  const runner = createExpressionRunner(createStageRunner(mongod.client.db(mongod.db)), { name, now: Date.now });
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let written = 0;
  const nothing = async (): Promise<void> => undefined;
  const sink: Sink = {
    operator: "$merge",
    prepare: nothing,
    resolve: (documents) => documents.map(() => ({ reason: "it stands still" })),
    write: async (documents) => {
      await gate;
      written += documents.length;
      return [];
    },
    flush: nothing,
    close: nothing,
  };
  const abort = new AbortController();
  const meter = createMeter(operatorsOf(plan).names);
  const flow = createFlow({
    meter,
    name,
    plan,
    sink,
    cluster: () => ({ name: "c", client: mongod.client }),
    connections: noConnections,
    runner: () => runner,
    stateDb: mongod.client.db(mongod.db),
    now: Date.now,
    pause: async () => false,
    signal: abort.signal,
  });
  const processor = createProcessor({
    meter,
    plan,
    flow,
    sink,
    abort,
    atStop: (position) => position,
    onStored: nothing,
    deadLetters: { write: async () => undefined },
    checkpoints: createCheckpointStore({ cluster: { name: "c", client: mongod.client }, db: mongod.db }),
    checkpointIntervalMs: 1000,
    faults: {},
    now: Date.now,
    clock: Date.now,
    sourceText: "",
    onState: () => undefined,
    onProgress: () => undefined,
  });
  await processor.start({ position: {}, state: undefined });
  const batch = (round: number): Parameters<typeof processor.offer>[0] => ({
    events: Array.from({ length: 1000 }, (_, index) => {
      const event: Document = {
        _id: { _data: `82${round}` },
        fullDocument: { _id: round * 1000 + index, t: "x".repeat(1000) },
      };
      return { bson: serialize(event) };
    }),
    position: { token: { _data: `82${round}` } },
    more: true,
  });
  let offered = 0;
  const offering = (async () => {
    for (let round = 0; round < 100; round += 1) {
      await processor.offer(batch(round));
      offered += 1;
    }
  })();
  let before = -1;
  for (let quiet = 0; quiet < 5; quiet = offered === before ? quiet + 1 : 0) {
    before = offered;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // 100 MB were to come; what waits is bounded by a few queues of some megabytes each.
  expect(offered).toBeLessThan(40);
  open();
  await offering;
  await processor.finish();
  expect(written).toBe(100_000);
  expect(processor.stats()).toMatchObject({ state: "STOPPED", input: 100_000, output: 100_000 });
  await runner.close();
});
