import type { Timestamp } from "bson";
import type { MongoClient } from "mongodb";
import type { Cluster } from "./engine.ts";
import { operationTime } from "./sources/change-stream.ts";

/** What is told in whole seconds may be half a second old. */
const goodForMs = 500;

/**
 * Asks a cluster for the time of its last write, once for all who ask at about the same time: a list of a hundred processors with their
 * statistics is one question, and fifty clients who look at it each second ask two.
 *
 * @param ask default {@link operationTime}
 * @param now milliseconds of a clock that never goes back
 */
export function shareOperationTime(
  ask: (cluster: Cluster) => Promise<Timestamp> = operationTime,
  now: () => number = () => performance.now(),
): (cluster: Cluster) => Promise<Timestamp> {
  const asked = new WeakMap<MongoClient, { readonly answer: Promise<Timestamp>; readonly atMs: number }>();
  return (cluster) => {
    const { client } = cluster;
    const known = asked.get(client);
    if (known !== undefined && now() - known.atMs < goodForMs) return known.answer;
    const answer = ask(cluster);
    const own = { answer, atMs: now() };
    asked.set(client, own);
    // A failure is for who has waited for it alone.
    answer.catch(() => {
      if (asked.get(client) === own) asked.delete(client);
    });
    return answer;
  };
}
