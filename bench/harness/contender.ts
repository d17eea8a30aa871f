import type { Document } from "mongodb";
import { readCpuTime } from "./cpu-time.ts";
import { readDigest } from "./digest.ts";
import { startEventStore } from "./event-store.ts";
import type { EventStore } from "./event-store.ts";

/**
 * Somebody who keeps read models up to date. `prepare` takes its position before there are events; what it returns does all the
 * work, and is what is measured. It may return what is to be closed afterwards.
 */
export interface Contender {
  readonly prepare: (store: EventStore) => Promise<() => Promise<void | (() => Promise<void>)>>;
}

export interface Course {
  readonly events: () => Iterable<Document>;
  readonly count: number;
  /** Collections of read models; what is in them must be the same whoever wrote it. */
  readonly collections: readonly string[];
  /** Where the events go; default the collection of events. */
  readonly deliver?: (events: Iterable<Document>) => Promise<void>;
  /** By its events: what the first contender made of them, which the others are held against. */
  readonly digests: Map<string, string>;
  /** Takes what a run cost: on a busy machine it says more than how long it took. */
  readonly tell?: (line: string) => void;
}

/** Events per second of one run on a fresh mongod. @throws Error where the read models are not the ones of the others. */
export async function measureRate(
  contender: Contender,
  { events, count, collections, deliver, digests, tell }: Course,
): Promise<number> {
  await using store = await startEventStore(collections);
  const work = await contender.prepare(store);
  await (deliver ?? store.insert)(events());
  const before = await readCpuTime(store.mongodPid);
  const startedAt = performance.now();
  const close = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await readCpuTime(store.mongodPid);
  const perEvent = (seconds: number): string => `${((seconds * 1e6) / count).toFixed(0)} µs`;
  tell?.(
    `  an event costs ${perEvent(after.node - before.node)} in node, ${perEvent(after.mongod - before.mongod)} in mongod`,
  );
  await close?.();
  for (const name of collections) {
    const digest = await readDigest(store.client.db("shop").collection(name));
    const key = `${name} ${count}`;
    const expected = digests.get(key);
    if (expected !== undefined && digest !== expected) {
      throw new Error(`wrong result: shop.${name} is ${digest}, another contender made it ${expected}`);
    }
    digests.set(key, digest);
  }
  return count / seconds;
}
