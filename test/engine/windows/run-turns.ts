import type { Document } from "bson";
import { planWindow } from "../../../src/engine/core/plan-window.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createMemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { startEngine } from "../../../src/engine/start-engine.ts";
import type { Definition } from "../../../src/stages/definition.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { connectionsWith, everything, json } from "../kafka/support.ts";
import { dlq, freshName } from "../support.ts";
import { expectWindows, type Expected } from "./naive-model.ts";
import { byClock, byMessages, type Message, type TopicTime, type Turn } from "./naive-time.ts";
import { readOutcome, sorted, windowTo, withPipeline } from "./run-history.ts";

/** A window over a topic, and the message of each turn in which there is one. */
export interface TopicStory extends TopicTime {
  readonly window: Document;
  readonly messages: readonly (Message | undefined)[];
}

/** What the model says of a story. */
export function expectTopicStory(story: TopicStory, turns: readonly Turn[]): Expected {
  const plan = planWindow(withPipeline(story.window));
  const moments =
    plan.time === "processing" ? byClock(turns, story.messages) : byMessages(plan, story, turns, story.messages);
  return sorted(expectWindows(plan, moments));
}

/** Runs stories side by side by one clock, each as a processor of a topic of its own, and reads what they led to. */
export async function runTurns(
  mongod: TestDatabase,
  stories: readonly TopicStory[],
  turns: readonly Turn[],
): Promise<readonly Expected[]> {
  const cluster = { name: "test", client: mongod.client };
  const clock = { ms: 0 };
  const broker = createMemoryBroker({ now: () => clock.ms });
  const names = stories.map(() => freshName());
  const definitions = stories.map(({ window, partitions, partitionIdleMs }, at): Definition => {
    const name = names[at] ?? "";
    broker.createTopic(name, partitions);
    const idle = partitionIdleMs === undefined ? {} : { partitionIdleTimeout: { size: partitionIdleMs, unit: "ms" } };
    const config = { auto_offset_reset: "earliest" };
    return {
      name,
      pipeline: [
        { $source: { connectionName: "bus", topic: name, ...idle, config } },
        ...windowTo(mongod.db, name, window),
      ],
      options: dlq(mongod.db, `${name}_late`),
    };
  });
  const start = (): Promise<Engine> =>
    startEngine(definitions, {
      cluster: () => cluster,
      connections: connectionsWith(broker),
      checkpoints: { cluster, db: mongod.db },
      clock: () => clock.ms,
    });
  let engine = await start();
  for (const [at, { moveMs, stoppedMs }] of turns.entries()) {
    if (stoppedMs !== undefined) {
      await engine.stop();
      clock.ms += stoppedMs;
      engine = await start();
    }
    clock.ms += moveMs;
    await engine.tick();
    await engine.caughtUp();
    const sent = stories.flatMap(({ messages }, story) => {
      const message = messages[at];
      if (message === undefined) return [];
      const { id, who, timeMs, partition } = message;
      return [json(names[story] ?? "", { id, who }, { partition, timestampMs: timeMs })];
    });
    await broker.produce(sent, everything);
    await engine.caughtUp();
  }
  await engine.stop();
  for (const { name, error } of engine.stats()) if (error !== undefined) throw new Error(`${name}: ${error.message}`);
  return Promise.all(names.map((name) => readOutcome(mongod, name)));
}
