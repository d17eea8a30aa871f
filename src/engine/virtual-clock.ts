import type { Timestamp } from "bson";

/** Where the clock of every trial stands at first. */
export const clockStartMs = Date.UTC(2000, 0, 1);

/** A clock that stands still until it is moved: a value, the same in each trial, so that nobody waits for time to pass. */
export interface VirtualClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What the clock showed when a change was made. */
  readonly timeOf: (clusterTime: Timestamp) => number;
  /** @param after the cluster's time of the last write before the move */
  advance(ms: number, after: Timestamp): void;
}

/** @param startMs where it stands at first, in milliseconds since the epoch */
export function createVirtualClock(startMs: number = clockStartMs): VirtualClock {
  let nowMs = startMs;
  const moves: { readonly after: Timestamp; readonly ms: number }[] = [];
  return {
    now: () => nowMs,
    timeOf: (clusterTime) =>
      moves.reduce((timeMs, { after, ms }) => (isLater(clusterTime, after) ? timeMs + ms : timeMs), startMs),
    advance: (ms, after) => {
      moves.push({ after, ms });
      nowMs += ms;
    },
  };
}

/** By their parts: the driver and this package may each have a copy of the BSON library. */
function isLater(one: Timestamp, other: Timestamp): boolean {
  const seconds = one.getHighBitsUnsigned() - other.getHighBitsUnsigned();
  return seconds > 0 || (seconds === 0 && one.getLowBitsUnsigned() > other.getLowBitsUnsigned());
}
