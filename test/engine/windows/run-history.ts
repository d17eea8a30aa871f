import { Long, type Document } from "bson";
import { planWindow } from "../../../src/engine/core/plan-window.ts";
import type { Engine, Faults } from "../../../src/engine/engine.ts";
import { startEngine } from "../../../src/engine/start-engine.ts";
import type { Definition } from "../../../src/stages/definition.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, stored } from "../support.ts";
import { byDocuments, describeWindow, expectWindows, type Expected, type Happening } from "./naive-model.ts";

/** A window stage without its pipeline, and what goes into it. */
export interface Story {
  readonly window: Document;
  readonly history: readonly Happening[];
}

/** How to treat a run of stories. */
export interface Treatment {
  readonly faults?: Faults;
  /** Kill the engine so often, at any moment, and start another. */
  readonly kills?: number;
}

/** What the model says of a story. */
export function expectStory({ window, history }: Story): Expected {
  return sorted(expectWindows(planWindow(withPipeline(window)), byDocuments(history)));
}

/** Runs stories side by side, each as a processor of inline documents, and reads what they led to. */
export async function runStories(
  mongod: TestDatabase,
  stories: readonly Story[],
  { faults = {}, kills = 0 }: Treatment = {},
): Promise<readonly Expected[]> {
  const cluster = { name: "test", client: mongod.client };
  const names = stories.map(() => freshName());
  const definitions = stories.map(({ window, history }, at): Definition => {
    const name = names[at] ?? "";
    const documents = history.map(({ id, timeMs, who }) => ({ id, who, at: Long.fromNumber(timeMs) }));
    const pipeline = [{ $source: { documents, timeField: { $toDate: "$at" } } }, ...windowTo(mongod.db, name, window)];
    return { name, pipeline, options: dlq(mongod.db, `${name}_late`) };
  });
  const start = (): Promise<Engine> =>
    startEngine(definitions, {
      cluster: () => cluster,
      checkpoints: { cluster, db: mongod.db },
      checkpointIntervalMs: kills > 0 ? 1 : 1000,
      faults,
      clock: () => 0,
    });
  let engine = await start();
  for (let kill = 0; kill < kills; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5 + kill * 7));
    await engine.kill();
    engine = await start();
  }
  await engine.caughtUp();
  await engine.stop();
  for (const { name, error } of engine.stats()) if (error !== undefined) throw new Error(`${name}: ${error.message}`);
  return Promise.all(names.map((name) => readOutcome(mongod, name)));
}

/** The stages from a window to the collection that {@link readOutcome} reads. */
export function windowTo(db: string, name: string, window: Document): readonly Document[] {
  return [
    withPipeline(window),
    { $replaceWith: { $mergeObjects: ["$$ROOT", { window: { $meta: "stream.window" } }] } },
    mergeInto(db, name, { whenMatched: "replace" }),
  ];
}

export function withPipeline(window: Document): Document {
  const [name = ""] = Object.keys(window);
  const pipeline = [{ $group: { _id: { $meta: "stream.window" }, ids: { $push: "$id" } } }];
  return { [name]: { ...(window[name] as Document), pipeline } };
}

/** What a processor that {@link withPipeline} was given has written, as the model says it. */
export async function readOutcome({ client, db }: TestDatabase, name: string): Promise<Expected> {
  const documents = await stored(client, db, name);
  const closed = documents.map(({ window, ids }) => {
    const { start, end, partition } = window as {
      readonly start: Date;
      readonly end: Date;
      readonly partition?: unknown;
    };
    const who = partition === undefined ? undefined : Number(partition);
    return describeWindow(start.getTime(), end.getTime(), who, (ids as unknown[]).map(Number));
  });
  // A dead letter may come twice after a crash.
  const late = new Set((await stored(client, db, `${name}_late`)).map(({ doc }) => Number((doc as Document)["id"])));
  return sorted({ closed, late: [...late] });
}

export function sorted({ closed, late }: Expected): Expected {
  return { closed: closed.toSorted(), late: late.toSorted((a, b) => a - b) };
}
