import ordersProjection from "../pipelines/orders.ts";
import { orderEvents } from "../test/replays/burst/order-events.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compile } from "./harness/compile.ts";
import { measureRate } from "./harness/contender.ts";
import type { Course } from "./harness/contender.ts";
import { engine } from "./harness/engine.ts";
import { interleave } from "./harness/interleave.ts";
import { consumer, server } from "./harness/peers.ts";
import { consumeInBulk } from "./peers/bulk.ts";
import { consumeOneByOne } from "./peers/one-by-one.ts";

const orders = 5_000;
const digests = new Map<string, string>();
const course = (count: number): Course => ({
  events: () => orderEvents({ events: count, orders: Math.min(orders, count / 10), arrival: "round-robin", seed: 1 }),
  count,
  collections: ["orders"],
  digests,
});

const burst = course(50_000);
/** Its rate does not depend on how many there are, only how long one waits for it. */
const fewer = course(5_000);

const benchmark: Benchmark = {
  name: "orders",
  run: async (tell) => {
    const definition = compile(ordersProjection);
    const rates = await interleave(
      {
        asp: () => measureRate(engine([definition]), { ...burst, tell }),
        "one-by-one": () => measureRate(consumer(consumeOneByOne, fewer.count), { ...fewer, tell }),
        bulk: () => measureRate(consumer(consumeInBulk, burst.count), { ...burst, tell }),
        server: () => measureRate(server(definition), { ...burst, tell }),
      },
      { rounds: 3, tell },
    );
    // One by one has a course of its own: that its result is right is seen by another who runs it.
    await measureRate(server(definition), fewer);
    const targets = { "one-by-one": 12, bulk: 1.2, server: 0.7 } as const;
    return Object.entries(targets).map(([against, target]) => {
      const theirs = rates[against as keyof typeof targets];
      return toRow({ benchmark: "orders", against, target, ours: rates.asp, theirs, unit: "events/s" });
    });
  },
};

export { benchmark as orders };
