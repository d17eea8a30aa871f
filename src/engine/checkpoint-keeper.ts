import type { CheckpointStore } from "./checkpoints.ts";
import type { Position } from "./sources/batch.ts";

/** Where a processor stands, and when that is stored. */
export interface CheckpointKeeper {
  readonly position: Position;
  /** Begins at a position that is stored already. */
  begin(position: Position): void;
  /** Everything up to `position` has been written: stores it when it is time to. */
  moveTo(position: Position, hadEvents: boolean): Promise<void>;
  /** Stores the position now, unless it is. */
  store(): Promise<void>;
}

export interface CheckpointKeeperParts {
  readonly name: string;
  /** The `$source` that the position belongs to, as text. */
  readonly source: string;
  readonly store: CheckpointStore;
  /** Milliseconds between two checkpoints while documents flow; 0 for one after each write. */
  readonly intervalMs: number;
  readonly now: () => number;
}

/** An idle processor's position moves on by itself; storing it each second would be a write to look at each second. */
const idleIntervalMs = 10_000;

export function createCheckpointKeeper({
  name,
  source,
  store,
  intervalMs,
  now,
}: CheckpointKeeperParts): CheckpointKeeper {
  let position: Position = {};
  let stored: Position = {};
  let storedAtMs = now();
  let hasWritten = false;

  const storeNow = async (): Promise<void> => {
    if (position === stored) return;
    const at = position;
    await store.save({ _id: name, source, position: at, at: new Date(now()) });
    stored = at;
    storedAtMs = now();
    hasWritten = false;
  };

  return {
    get position() {
      return position;
    },
    begin: (from) => {
      position = from;
      stored = from;
    },
    moveTo: async (next, hadEvents) => {
      position = next;
      hasWritten ||= hadEvents;
      if (now() - storedAtMs >= (hasWritten ? intervalMs : idleIntervalMs)) await storeNow();
    },
    store: storeNow,
  };
}
