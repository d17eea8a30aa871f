import { elapsedMs } from "./core/elapsed.ts";
import type { CheckpointStore } from "./checkpoints.ts";
import type { Progress } from "./chunk.ts";
import type { Position } from "./sources/batch.ts";

/** Where a processor stands, and when that is stored. */
export interface CheckpointKeeper {
  readonly position: Position;
  /** What is stored: where a crash goes back to. */
  readonly stored: Progress;
  /** Begins at a position that is stored already. */
  begin(progress: Progress): void;
  /** Everything up to there has been written: stores it when it is time to. */
  moveTo(progress: Progress, hadEvents: boolean): Promise<void>;
  /** Stores the position now, unless it is; with `change`, what that makes of it. */
  store(change?: (position: Position) => Position): Promise<void>;
}

export interface CheckpointKeeperParts {
  readonly name: string;
  /** The `$source` that the position belongs to, as text. */
  readonly source: string;
  readonly store: Pick<CheckpointStore, "save">;
  /** Milliseconds between two checkpoints while documents flow; 0 for one after each write. */
  readonly intervalMs: number;
  /** Called before a checkpoint is stored: nothing that it covers can be lost any more. */
  readonly beforeStore: () => Promise<void>;
  readonly afterStore: (stored: Progress) => Promise<void>;
  readonly now: () => number;
}

/** An idle processor's position moves on by itself; storing it each second would be a write to look at each second. */
const idleIntervalMs = 10_000;

export function createCheckpointKeeper({
  name,
  source,
  store,
  intervalMs,
  beforeStore,
  afterStore,
  now,
}: CheckpointKeeperParts): CheckpointKeeper {
  let progress: Progress = { position: {}, state: undefined };
  let stored: Progress = progress;
  let storedAtMs = now();
  let hasWritten = false;

  const storeNow = async (): Promise<void> => {
    if (progress === stored) return;
    const reached = progress;
    const { position, state } = reached;
    await beforeStore();
    await store.save({ _id: name, source, position, ...(state && { state }), at: new Date(now()) });
    stored = reached;
    await afterStore(reached);
    storedAtMs = now();
    hasWritten = false;
  };

  return {
    get position() {
      return progress.position;
    },
    get stored() {
      return stored;
    },
    begin: (from) => {
      progress = from;
      stored = from;
    },
    moveTo: async (next, hadEvents) => {
      progress = next;
      hasWritten ||= hadEvents;
      if (elapsedMs(storedAtMs, now()) >= (hasWritten ? intervalMs : idleIntervalMs)) await storeNow();
    },
    store: async (change) => {
      if (change !== undefined) progress = withPosition(progress, change(progress.position));
      await storeNow();
    },
  };
}

function withPosition(progress: Progress, position: Position): Progress {
  return position === progress.position ? progress : { ...progress, position };
}
