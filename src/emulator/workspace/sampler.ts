import type { Document } from "bson";
import { decodeExact } from "../../engine/core/exact-bson.ts";
import type { Written } from "../../engine/engine.ts";

/** Takes what a processor writes, a part at a time. Documents as they were handed to the sink; dead letters wrapped. */
export interface Sample {
  /** Takes up to so many of those that wait; none where nothing has come since. */
  take(most: number): readonly Document[];
  /** Nothing waits, and nothing more will come. */
  readonly isOver: boolean;
}

/** The other end of a {@link Sample}. */
export interface Sampler extends Sample {
  /** Takes what has been written. Where it waits for its reader, resolves once there is room. */
  offer(written: Written): Promise<void> | undefined;
  /** Ends it where nobody asks for it any more. */
  sweep(): void;
  /** Nothing more will come; with `discard`, what waits goes too. */
  end(options?: { readonly discard: boolean }): void;
}

export interface SamplerOptions {
  readonly workspaceName: string;
  /** So many documents, then it is over; default no limit. */
  readonly limit?: number;
  /** True: nothing is left out, and the processor is held up while much is waiting. False: it never is, and what finds no room is left out. */
  readonly waits: boolean;
  /** Engine time. */
  readonly now: () => number;
}

/** So much is handed over, then a sample is over. Source: asp-language 7.3. */
const mostBytes = 40 * 1024 * 1024;
const mostWaitingBytes = 4 * 1024 * 1024;
/** There is no command to end a sample: one that nobody asks any more is over. */
const forgottenAfterMs = 10 * 60 * 1000;

export function createSampler({ workspaceName, limit = Infinity, waits, now }: SamplerOptions): Sampler {
  let waiting: { readonly document: Document; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let takenBytes = 0;
  let left = limit;
  let ended = false;
  let askedAtMs = now();
  let onRoom: (() => void)[] = [];

  const release = (): void => {
    const resolves = onRoom;
    onRoom = [];
    for (const resolve of resolves) resolve();
  };
  const end: Sampler["end"] = (options) => {
    ended = true;
    if (options?.discard === true) {
      waiting = [];
      waitingBytes = 0;
    }
    release();
  };
  const put = (bytes: number, read: () => Document): void => {
    if (ended || left === 0) return;
    if (!waits && waiting.length > 0 && waitingBytes + bytes > mostWaitingBytes) return;
    waiting.push({ document: read(), bytes });
    waitingBytes += bytes;
    left -= 1;
    if (left === 0 || (!waits && takenBytes + waitingBytes >= mostBytes)) end();
  };

  const sweep = (): void => {
    if (!waits && now() - askedAtMs > forgottenAfterMs) end({ discard: true });
  };

  return {
    get isOver() {
      return ended && waiting.length === 0;
    },
    offer: ({ documents, letters }) => {
      sweep();
      if (ended) return undefined;
      for (const bson of documents()) put(bson.length, () => decodeExact(bson));
      for (const letter of letters) put(letterBytes, () => ({ _dlqMessage: toMessage(letter, workspaceName) }));
      if (!waits || waitingBytes < mostWaitingBytes) return undefined;
      return new Promise((resolve) => onRoom.push(resolve));
    },
    take: (most) => {
      askedAtMs = now();
      const taken = waiting.splice(0, most);
      const bytes = taken.reduce((sum, one) => sum + one.bytes, 0);
      takenBytes += bytes;
      waitingBytes -= bytes;
      if (waitingBytes < mostWaitingBytes) release();
      return taken.map(({ document }) => document);
    },
    sweep,
    end,
  };
}

/** Dead letters are few; what each weighs matters little. */
const letterBytes = 1024;

/** As a sample shows a dead letter. Source: asp-language section 4. */
function toMessage(letter: Document, workspaceName: string): Document {
  const { _stream_meta, errInfo, doc, processorName, dlqTime } = letter;
  return { _stream_meta, errInfo, doc, processorName, workspaceName, dlqTime };
}
