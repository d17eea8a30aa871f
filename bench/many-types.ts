import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compile } from "./harness/compile.ts";
import { measureRate } from "./harness/contender.ts";
import type { Course } from "./harness/contender.ts";
import { engine } from "./harness/engine.ts";
import { interleave } from "./harness/interleave.ts";
import { server } from "./harness/peers.ts";
import { shipmentEvents, shipments } from "./projections/shipments.ts";

const course: Course = {
  events: () => shipmentEvents(50_000, 5_000),
  count: 50_000,
  collections: ["shipments"],
  digests: new Map(),
};

export const manyTypes: Benchmark = {
  name: "many-types",
  run: async (tell) => {
    const definition = compile(shipments);
    const rates = await interleave(
      {
        asp: () => measureRate(engine([definition]), { ...course, tell }),
        server: () => measureRate(server(definition), { ...course, tell }),
      },
      { rounds: 3, tell },
    );
    const { asp: ours, server: theirs } = rates;
    return [toRow({ benchmark: "many-types", against: "server", target: 0.7, ours, theirs, unit: "events/s" })];
  },
};
