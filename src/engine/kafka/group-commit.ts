import type { Offsets } from "../core/kafka/offsets.ts";
import { within } from "../within.ts";
import type { Broker } from "./broker.ts";

const closeWithinMs = 2000;

/**
 * Commits a group's offsets behind the reading, which does not wait for it: one commit at a time, and what has come since in the next. Where
 * a processor goes on is in its checkpoint, so that a commit that fails is only one less for others to see.
 */
export interface GroupCommit {
  to(offsets: Offsets): void;
  /** Resolves once the last offsets are committed, or could not be. */
  close(): Promise<void>;
}

export function createGroupCommit(broker: Broker, group: string): GroupCommit {
  let waiting: Offsets | undefined;
  let running: Promise<void> | undefined;

  const commitAll = async (): Promise<void> => {
    for (let offsets = waiting; offsets !== undefined; offsets = waiting) {
      waiting = undefined;
      await broker.commit(group, offsets).catch(() => undefined);
    }
    running = undefined;
  };

  return {
    to: (offsets) => {
      waiting = offsets;
      running ??= commitAll();
    },
    close: async () => {
      if (running !== undefined) await within(running, closeWithinMs);
    },
  };
}
