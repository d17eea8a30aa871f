import type { Timestamp } from "bson";
import { authorNames } from "../../compiler/author-names.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";
import { within } from "../../engine/within.ts";
import { hasEventsAfter } from "../clusters/has-events-after.ts";
import { toDefinition } from "../plan/processor-text.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { ProcessorStats } from "../targets/processor-stats.ts";
import type { ApplyContext } from "./apply-context.ts";

/** A cluster that does not answer must not hold up a deployment. */
const longestMs = 3000;

/**
 * True where a processor's source is known to have events that it has not read: by the workspace, of topics, or by a collection's change
 * stream after the position that the workspace shows. False where there are none, and where that cannot be known: no position, a source
 * that filters what it gives, a cluster that asp cannot reach or may not read.
 */
export async function hasUnread(
  processor: RemoteProcessor,
  { changeStreamTime: position, kafkaLagMessages = 0 }: Pick<ProcessorStats, "changeStreamTime" | "kafkaLagMessages">,
  { environment, clusters, pace }: Pick<ApplyContext, "environment" | "clusters" | "pace">,
): Promise<boolean> {
  if (kafkaLagMessages > 0) return true;
  const source = sourceOf(processor.pipeline);
  const [db, coll] = [source("db"), source("coll")];
  const connectionName = sourceOf(authorNames(toDefinition(processor), environment).pipeline)("connectionName");
  if (position === undefined || typeof connectionName !== "string") return false;
  if (typeof db !== "string" || typeof coll !== "string" || fieldOf(source("config"), "pipeline") !== undefined)
    return false;
  let isThere = false;
  const ask = async (after: Timestamp): Promise<void> => {
    const { client } = await clusters.find(connectionName);
    if (client !== undefined) isThere = await hasEventsAfter(client.db(db).collection(coll), after, pace.sourceMs);
  };
  // Whatever goes wrong with a remark, the processor that it is about runs.
  await within(
    ask(position).catch(() => undefined),
    longestMs,
  );
  return isThere;
}

/** A reader of the fields of its `$source`. */
function sourceOf(pipeline: readonly unknown[]): (name: string) => unknown {
  const source = fieldOf(pipeline[0], "$source");
  return (name) => fieldOf(source, name);
}
