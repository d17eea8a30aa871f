import { expect, test } from "vitest";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import { operatorsOf } from "../../src/engine/core/operators-of.ts";
import { planProcessor } from "../../src/engine/core/plan.ts";
import type { Flow } from "../../src/engine/flow.ts";
import { createMeter } from "../../src/engine/meter.ts";
import { createProcessor, type Processor } from "../../src/engine/processor.ts";
import { createNoSink } from "../../src/engine/sinks/no-sink.ts";

const plan = planProcessor({
  name: "p",
  pipeline: [{ $source: { documents: [] } }, { $merge: { into: { connectionName: "c", db: "d", coll: "e" } } }],
});
const nothing = async (): Promise<void> => undefined;

/** A processor whose documents are counted by its state. */
function counting(more: Partial<Flow>): Processor {
  let count = 0;
  const flow: Flow = {
    isStateful: true,
    begin: nothing,
    stored: nothing,
    check: nothing,
    close: nothing,
    async *run(chunk) {
      count += chunk.events.length;
      const done = { position: chunk.position, state: { count } };
      const transformed = { outgoing: [], refused: [] };
      yield {
        ...{ chunk, transformed, done, targets: [], wallTimesMs: [], bytes: 0 },
        sources: () => [],
        locate: async () => transformed,
      };
    },
    ...more,
  };
  return createProcessor({
    ...{ plan, flow, faults: {}, checkpointIntervalMs: 0, sourceText: "", mostStateBytes: 1000 },
    sink: createNoSink(),
    deadLetters: { write: nothing },
    checkpoints: { load: async () => undefined, save: nothing, remove: nothing, named: async () => [], namespace: "" },
    meter: createMeter(operatorsOf(plan).names),
    atStop: (position) => position,
    onStored: nothing,
    abort: new AbortController(),
    now: Date.now,
    clock: Date.now,
    onState: () => undefined,
    onProgress: () => undefined,
  });
}

test("what follows a checkpoint is tried again while the server does not answer", async () => {
  const failing = { stored: 0, measure: 0 };
  const once = (what: keyof typeof failing): void => {
    failing[what] += 1;
    if (failing[what] === 1) throw new AspError("ASP5120", "away", { retryable: true });
  };
  const processor = counting({
    stored: async () => once("stored"),
    measure: async () => {
      once("measure");
      return { stateBytes: 0, stateDocuments: 0 };
    },
  });
  await processor.start({ position: {}, state: undefined });
  await processor.offer({ events: [{ bson: new Uint8Array([5, 0, 0, 0, 0]) }], position: { documents: 1 } });
  await processor.finish();
  expect(processor.stats()).toMatchObject({ state: "STOPPED" });
  expect(processor.stats().error).toBeUndefined();
  // All that follows is done again: letting go twice is letting go.
  expect(failing).toEqual({ stored: 3, measure: 2 });
});
