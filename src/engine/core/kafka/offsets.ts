import { Long } from "bson";

/** Next offset to read, by topic and partition. */
export type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** Offsets as a checkpoint stores them: an offset may be larger than JavaScript's numbers are exact. */
export type StoredOffsets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function storeOffsets(offsets: Offsets): StoredOffsets {
  const ofTopic = (partitions: ReadonlyMap<number, bigint>): Readonly<Record<string, Long>> =>
    Object.fromEntries([...partitions].map(([partition, offset]) => [String(partition), Long.fromBigInt(offset)]));
  return Object.fromEntries([...offsets].map(([topic, partitions]) => [topic, ofTopic(partitions)]));
}

/** Reads what a checkpoint holds, whichever number type it has become on the way. */
export function loadOffsets(stored: StoredOffsets | undefined): Offsets {
  const ofTopic = (partitions: Readonly<Record<string, unknown>>): ReadonlyMap<number, bigint> =>
    new Map(Object.entries(partitions).map(([partition, offset]) => [Number(partition), BigInt(String(offset))]));
  return new Map(Object.entries(stored ?? {}).map(([topic, partitions]) => [topic, ofTopic(partitions)]));
}

/** `over` on top of `base`. */
export function mergeOffsets(base: Offsets, over: Offsets): Offsets {
  const merged = new Map(base);
  for (const [topic, partitions] of over) merged.set(topic, new Map([...(base.get(topic) ?? []), ...partitions]));
  return merged;
}

/** True if `offsets` has nothing left to read before `target`; a partition that it does not know counts as not read. */
export function hasReachedOffsets(offsets: Offsets, target: Offsets): boolean {
  for (const [topic, partitions] of target) {
    for (const [partition, offset] of partitions)
      if ((offsets.get(topic)?.get(partition) ?? -1n) < offset) return false;
  }
  return true;
}

/** Only the partitions that a predicate takes. */
export function filterOffsets(offsets: Offsets, takes: (topic: string, partition: number) => boolean): Offsets {
  const ofTopic = (topic: string, partitions: ReadonlyMap<number, bigint>): ReadonlyMap<number, bigint> =>
    new Map([...partitions].filter(([partition]) => takes(topic, partition)));
  return new Map([...offsets].map(([topic, partitions]) => [topic, ofTopic(topic, partitions)]));
}
