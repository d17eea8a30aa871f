import { orderEvents } from "../test/replays/burst/order-events.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compile } from "./harness/compile.ts";
import { measureRate } from "./harness/contender.ts";
import type { Course } from "./harness/contender.ts";
import { engine } from "./harness/engine.ts";
import { interleave } from "./harness/interleave.ts";
import { eight } from "./projections/eight.ts";

const count = 20_000;
const digests = new Map<string, string>();
const course = (collections: readonly string[]): Course => ({
  events: () => orderEvents({ events: count, orders: 2_000, arrival: "round-robin", seed: 1 }),
  count,
  collections,
  digests,
});

/**
 * Eight processors of one source against eight runs of one: rates are of events that a processor has handled, so that the ratio is
 * eight times the time of one over the time of eight.
 */
export const eightProcessors: Benchmark = {
  name: "eight-processors",
  run: async (tell) => {
    const definitions = eight.map(compile);
    const together = {
      ...course(definitions.map(({ pipeline }) => String(pipeline.at(-1)?.["$merge"]?.into?.coll))),
      tell,
    };
    const rates = await interleave(
      {
        eight: async () => 8 * (await measureRate(engine(definitions), together)),
        one: () => measureRate(engine(definitions.slice(0, 1)), { ...course(["orders"]), tell }),
      },
      { rounds: 3, tell },
    );
    const { eight: ours, one: theirs } = rates;
    const against = "one-processor";
    return [toRow({ benchmark: "eight-processors", against, target: 2, ours, theirs, unit: "events/s" })];
  },
};
