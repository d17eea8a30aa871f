import ordersProjection from "../pipelines/orders.ts";
import { orderEvents } from "../test/replays/burst/order-events.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compile } from "./harness/compile.ts";
import { measureRate } from "./harness/contender.ts";
import type { Course } from "./harness/contender.ts";
import { engine } from "./harness/engine.ts";
import { interleave } from "./harness/interleave.ts";
import { server } from "./harness/peers.ts";

const course: Course = {
  events: () => orderEvents({ events: 50_000, orders: 500, arrival: "hot-keys", seed: 1 }),
  count: 50_000,
  collections: ["orders"],
  digests: new Map(),
};

export const hotKeys: Benchmark = {
  name: "hot-keys",
  run: async (tell) => {
    const definition = compile(ordersProjection);
    const rates = await interleave(
      {
        asp: () => measureRate(engine([definition]), { ...course, tell }),
        server: () => measureRate(server(definition), { ...course, tell }),
      },
      { rounds: 3, tell },
    );
    const { asp: ours, server: theirs } = rates;
    return [toRow({ benchmark: "hot-keys", against: "server", target: 1.2, ours, theirs, unit: "events/s" })];
  },
};
