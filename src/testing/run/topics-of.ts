import { planSource } from "../../engine/core/plan-source.ts";
import type { Definition } from "../../stages/definition.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import { isTopic } from "../case/given.ts";
import { partitionOf, type MessageDocument } from "../case/message.ts";

/**
 * The topics that are there before the processors start: those that they read and those that messages are given to, each with
 * enough partitions for these.
 */
export async function topicsOf(
  { given, steps = [] }: Pick<FixtureCase, "given" | "steps">,
  definitions: readonly Definition[],
): Promise<ReadonlyMap<string, number>> {
  const topics = new Map<string, number>();
  const add = (topic: string, partition = 0): void => {
    topics.set(topic, Math.max(topics.get(topic) ?? 1, partition + 1));
  };
  for (const { pipeline } of definitions) {
    const source = planSource(pipeline[0]?.["$source"] ?? {});
    if (source.kind === "kafka") for (const topic of source.topics) add(topic);
  }
  for (const source of given.filter(isTopic)) {
    for await (const { document } of source.open()) add(source.coll, partitionOf(document));
  }
  for (const step of steps) {
    if (step.kind !== "write" || step.write.kind !== "insert" || !isTopic(step.write.collection)) continue;
    for (const document of step.write.documents as readonly MessageDocument[]) {
      add(step.write.collection.coll, partitionOf(document));
    }
  }
  return topics;
}
