import { randomBytes } from "node:crypto";
import { calculateObjectSize, type Document } from "bson";
import type { Sample } from "../workspace/sampler.ts";
import { CommandError, serverErrors } from "./command-error.ts";
import { documentBytesMax, type WireLimits } from "./limits.ts";
import type { Session } from "./session.ts";

/** What somebody looks at: a sample of a processor, or a pipeline that runs for them alone. */
export interface Sampled {
  readonly processor: string;
  readonly sample: Sample;
  /** It has a name of its own, which is there until it is dropped, its clients have gone or nobody asks for it any more. */
  readonly isProcess: boolean;
  readonly end: () => void | Promise<void>;
  /** Why it ended by itself, where it failed. */
  readonly failure: () => { readonly message: string } | undefined;
}

/** The cursors of an endpoint. No command ends a sample, so that each has a limit of time. Source: real-clients 2.3. */
export interface OpenSamples {
  /** @throws CommandError where there are too many */
  demandRoom(): void;
  add(sampled: Sampled, session: Session): bigint;
  /**
   * Takes what has come. The cursor of each reply is another, and earlier ones are still understood.
   *
   * @throws CommandError 43 for a cursor that there is not; 125 after the last documents of what has failed
   */
  take(wanted: Wanted, session: Session): { readonly next: bigint; readonly messages: readonly Document[] };
  /** Ends a process. @returns whether there was one of this name */
  dropProcess(name: string): Promise<boolean>;
  /** A client's connection has gone: what only it and others that have gone too were looking at is over after a while. */
  disconnected(session: Session): void;
  close(): Promise<void>;
}

interface Wanted {
  readonly cursorId: bigint;
  readonly processor: string;
  readonly most: number;
}

interface Entry extends Sampled {
  readonly key: bigint;
  readonly userName: string | undefined;
  /** Connections that have asked for it and are still there. */
  readonly sessions: Set<Session>;
  /** What was taken and did not fit into the reply. */
  held: readonly Document[];
  step: bigint;
  timer: NodeJS.Timeout | undefined;
}

/** The lower bits of a cursor count replies; the upper say whose it is. */
const stepBits = 20n;
const stepMask = (1n << stepBits) - 1n;

export function createOpenSamples(
  limits: Pick<WireLimits, "sampleIdleMs" | "abandonedMs" | "openSamples">,
): OpenSamples {
  const entries = new Map<bigint, Entry>();

  const remove = async (entry: Entry): Promise<void> => {
    clearTimeout(entry.timer);
    entries.delete(entry.key);
    await entry.end();
  };
  const removeAfter = (entry: Entry, ms: number): void => {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void remove(entry), ms);
    entry.timer.unref();
  };
  const touch = (entry: Entry, session: Session): void => {
    entry.sessions.add(session);
    removeAfter(entry, limits.sampleIdleMs);
  };

  return {
    demandRoom: () => {
      if (entries.size < limits.openSamples) return;
      throw new CommandError(serverErrors.commandFailed, `more than ${limits.openSamples} samples are open`);
    },
    add: (sampled, session) => {
      let key = newKey();
      while (entries.has(key)) key = newKey();
      const userName = session.user?.name;
      const entry: Entry = { ...sampled, key, userName, sessions: new Set(), held: [], step: 1n, timer: undefined };
      entries.set(key, entry);
      touch(entry, session);
      return cursorOf(entry);
    },
    take: ({ cursorId, processor, most }, session) => {
      const entry = entries.get(cursorId >> stepBits);
      if (entry === undefined || entry.processor !== processor || entry.userName !== session.user?.name) {
        throw new CommandError(serverErrors.cursorNotFound, `cursor id ${cursorId} not found`);
      }
      touch(entry, session);
      const messages = takeBatch(entry, most);
      const isOver = entry.held.length === 0 && entry.sample.isOver;
      const failure = isOver ? entry.failure() : undefined;
      if (failure !== undefined && messages.length === 0) {
        void remove(entry);
        // The service's own words. Source: asp-control-plane 3.1.
        const text = `Failed to sample stream processor results: ${failure.message}`;
        throw new CommandError(serverErrors.commandFailed, text);
      }
      if (isOver && failure === undefined) {
        // The name of a process is dropped by its client.
        if (!entry.isProcess) void remove(entry);
        return { next: 0n, messages };
      }
      entry.step += 1n;
      return { next: cursorOf(entry), messages };
    },
    dropProcess: async (name) => {
      const entry = [...entries.values()].find(({ processor, isProcess }) => isProcess && processor === name);
      if (entry === undefined) return false;
      await remove(entry);
      return true;
    },
    disconnected: (session) => {
      for (const entry of entries.values()) {
        if (entry.sessions.delete(session) && entry.sessions.size === 0) removeAfter(entry, limits.abandonedMs);
      }
    },
    close: async () => {
      await Promise.all([...entries.values()].map(remove));
    },
  };
}

const newKey = (): bigint => BigInt(randomBytes(6).readUIntBE(0, 5)) + 1n;

const cursorOf = ({ key, step }: Entry): bigint => (key << stepBits) | (step & stepMask);

/** Up to so many documents, as long as they fit into one reply; a document always does. */
function takeBatch(entry: Entry, most: number): readonly Document[] {
  const batch: Document[] = [];
  let bytes = 0;
  while (batch.length < most) {
    const next = entry.held.length > 0 ? entry.held : entry.sample.take(1);
    entry.held = [];
    const [document] = next;
    if (document === undefined) break;
    const own = calculateObjectSize(document) + 16;
    if (batch.length > 0 && bytes + own > documentBytesMax) {
      entry.held = next;
      break;
    }
    batch.push(document);
    bytes += own;
  }
  return batch;
}
