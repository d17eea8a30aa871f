import { defineProcessor } from "../src/index.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { compile } from "./harness/compile.ts";
import { measureRate } from "./harness/contender.ts";
import type { Contender, Course } from "./harness/contender.ts";
import { engine } from "./harness/engine.ts";
import { readPosition } from "./harness/event-store.ts";
import { flights, lastFlight } from "./harness/flights.ts";
import { interleave } from "./harness/interleave.ts";
import { countInMemory, type DailyCount } from "./peers/count-in-memory.ts";

const count = 200_001;
const course: Course = { events: () => flights(10), count, collections: ["flights_by_day"], digests: new Map() };

const definition = compile(
  defineProcessor({
    name: "flights-by-day",
    pipeline: [
      {
        $source: {
          connectionName: "events",
          db: "shop",
          coll: "events",
          timeField: { $toDate: "$fullDocument.at" },
          config: { fullDocumentOnly: true, pipeline: [{ $match: { operationType: "insert" } }] },
        },
      },
      {
        $tumblingWindow: {
          interval: { size: 1, unit: "day" },
          allowedLateness: 0,
          pipeline: [
            { $group: { _id: { day: { $meta: "stream.window.start" }, origin: "$origin" }, count: { $sum: 1 } } },
          ],
        },
      },
      { $merge: { into: { connectionName: "domain", db: "shop", coll: "flights_by_day" }, whenMatched: "replace" } },
    ],
  }),
);

/** What the server does alone over the stored documents: it knows them all, and has no windows to keep open. */
const group: Contender = {
  prepare:
    async ({ events }) =>
    async () => {
      const day = { $dateTrunc: { date: "$at", unit: "day" } };
      await events
        .aggregate([
          { $match: { at: { $lt: lastFlight } } },
          { $group: { _id: { day, origin: "$origin" }, count: { $sum: 1 } } },
          { $merge: { into: "flights_by_day", whenMatched: "replace" } },
        ])
        .toArray();
    },
};

const inMemory: Contender = {
  prepare: async (store) => {
    const position = await readPosition(store);
    const counts = store.client.db("shop").collection<DailyCount>("flights_by_day");
    return () => countInMemory(store.events, counts, position, count);
  },
};

/** A count by origin and day over 200,000 flight records. */
export const flightsByDay: Benchmark = {
  name: "flights",
  run: async (tell) => {
    const rates = await interleave(
      {
        asp: () => measureRate(engine([definition]), { ...course, tell }),
        group: () => measureRate(group, { ...course, tell }),
        "in-memory": () => measureRate(inMemory, { ...course, tell }),
      },
      { rounds: 3, tell },
    );
    const targets = { group: 0.5, "in-memory": 1 } as const;
    return Object.entries(targets).map(([against, target]) => {
      const theirs = rates[against as keyof typeof targets];
      return toRow({ benchmark: "flights", against, target, ours: rates.asp, theirs, unit: "events/s" });
    });
  },
};
