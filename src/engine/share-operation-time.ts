import type { Timestamp } from "bson";
import type { MongoClient } from "mongodb";
import type { Cluster } from "./engine.ts";
import { operationTime } from "./sources/change-stream.ts";

/** What is told in whole seconds may be half a second old. */
const goodForMs = 500;
/** … and while a newer answer is on its way, which a cluster at work may take its time for, a little older. */
const bearableForMs = 1500;

interface Asked {
  readonly answer: Promise<Timestamp>;
  readonly atMs: number;
}

/**
 * Asks a cluster for the time of its last write, once for all who ask at about the same time: a list of a hundred processors with their
 * statistics is one question, and fifty clients who look at it each second ask two, and wait for none of them but the first.
 *
 * @param ask default {@link operationTime}
 * @param now milliseconds of a clock that never goes back
 */
export function shareOperationTime(
  ask: (cluster: Cluster) => Promise<Timestamp> = operationTime,
  now: () => number = () => performance.now(),
): (cluster: Cluster) => Promise<Timestamp> {
  /** The last answer that came. */
  const known = new WeakMap<MongoClient, Asked>();
  /** The question that is under way. */
  const asking = new WeakMap<MongoClient, Asked>();

  const askAnew = (cluster: Cluster): Promise<Timestamp> => {
    const { client } = cluster;
    const own = { answer: ask(cluster), atMs: now() };
    asking.set(client, own);
    own.answer.then(
      () => {
        asking.delete(client);
        known.set(client, own);
      },
      // A failure is for who has waited for it alone.
      () => void asking.delete(client),
    );
    return own.answer;
  };
  return (cluster) => {
    const { client } = cluster;
    const last = known.get(client);
    const ageMs = last === undefined ? Infinity : now() - last.atMs;
    if (last !== undefined && ageMs < goodForMs) return last.answer;
    const next = asking.get(client)?.answer ?? askAnew(cluster);
    return last !== undefined && ageMs < bearableForMs ? last.answer : next;
  };
}
