import type { Document } from "bson";
import { isDocumentError } from "../core/document-error.ts";
import type { ChangeStreamPlan } from "../core/plan-source.ts";
import { pushDown, type StagesExpression } from "../core/push-down.ts";
import { isTokenNotFound, toSourceError, type Beginning } from "../core/source-error.ts";
import { withRetries } from "../retry.ts";
import type { ResumeToken } from "../core/resume-token.ts";
import type { Batch, Position } from "./batch.ts";
import { openChangeStream, type ChangeStreamCursor, type ChangeStreamScope, type Start } from "./change-stream.ts";
import { nameCulprit } from "./name-culprit.ts";
import { createSelection, type Selection } from "./select-events.ts";
import type { AspError } from "../../diagnostics/asp-error.ts";

/** Who reads from a tail. */
export interface Reader {
  readonly name: string;
  readonly plan: ChangeStreamPlan;
  /** Its stages, where the change stream can run them. */
  readonly stages: StagesExpression | undefined;
  /** Takes a batch in; resolves when there is room for the next. */
  offer(batch: Batch): Promise<void>;
  /** The source is at its end: resolves once what was taken in is done with. */
  fail(error: AspError): Promise<void>;
  /** False once it takes nothing any more. */
  isRunning(): boolean;
}

/** One change stream, read once for all processors that read the same source in the same way from the same position. */
export interface Tail {
  readonly readers: readonly Reader[];
  /** The position that the tail has delivered up to. */
  readonly position: Position;
  /** False once it reads no more, and so can take on nobody. */
  readonly isReading: boolean;
  /** Reads until stopped; never rejects. */
  run(): Promise<void>;
  remove(reader: Reader): void;
  /** Adds a reader that has seen everything up to `token`, which is not before the tail's own position. */
  add(reader: Reader, token: ResumeToken): void;
}

export interface TailOptions {
  readonly scope: ChangeStreamScope;
  /** How the source reads in a message: `shop.events`. */
  readonly label: string;
  /** Every filter that a reader of this tail may have, now or later. */
  readonly filters: readonly (readonly Document[])[];
  readonly start: Start;
  /** What `start` comes from. */
  readonly beginning: Beginning;
  readonly signal: AbortSignal;
  /** How long a getMore may wait: short while somebody waits for the end. */
  readonly awaitMs: () => number;
  /** Called after each batch was handed over. */
  readonly onBatch: (tail: Tail) => void;
}

const batchSize = 1000;
/** How long the first read waits that finds nothing; each further one twice as long. Who stops soon, or waits for the end, waits little. */
const firstAwaitMs = 10;
const mostAwaitMs = 1000;

/** Opens the change stream; rejects with what the server says if it refuses. */
export async function openTail(options: TailOptions, first: readonly Reader[]): Promise<Tail> {
  const { scope, signal, filters } = options;
  const readers = new Set(first);
  /** How far readers that joined on the way have come already. */
  const seen = new Map<Reader, string>();
  const filter = union(filters);
  let mayPush = true;
  let selection: Selection;
  /** The event to go on from is none that these readers want: it was another's, with whom they shared a stream. */
  let isForeign = false;

  /** Opens the change stream with the stages of the readers that it can run, or without any where mongod refuses that. */
  const open = async (start: Start): Promise<ChangeStreamCursor> => {
    const chosen = createSelection(filters, mayPush ? [...readers] : []);
    const { length } = chosen.pushed;
    const stages = length > 0 ? [pushDown(chosen.pushed, length < readers.size)] : [];
    const wanted = isForeign ? orToken(filter, start.startAfter) : filter;
    try {
      const opened = await openChangeStream(scope, [...wanted, ...stages], start);
      selection = chosen;
      return opened;
    } catch (error) {
      if (length === 0 || !isDocumentError(error)) throw error;
      selection = createSelection(filters, []);
      return openChangeStream(scope, wanted, start);
    }
  };

  let cursor = await open(options.start);
  const began = cursor.token;
  let token = began;
  let more = false;
  let isReading = true;

  const deliver = async (raw: readonly Uint8Array[]): Promise<void> => {
    const { size: shared } = readers;
    const select = selection.of(raw.map((bson) => (shared === 1 ? { bson } : { bson, readers: shared })));
    await Promise.all([...readers].map((reader) => deliverTo(reader, select(reader, seen.get(reader)))));
  };

  const deliverTo = async (reader: Reader, mine: Pick<Batch, "events" | "results">): Promise<void> => {
    const after = seen.get(reader);
    if (after !== undefined && token._data < after) return;
    seen.delete(reader);
    await reader.offer({ ...mine, position: { token }, more });
  };

  let size = batchSize;
  let idleMs = firstAwaitMs;
  /** The cursor is of no more use: the next read opens another one where this one stopped. */
  let broken = false;
  /** Somebody has joined for whom the change stream does nothing yet. */
  let hasJoined = false;

  const reopen = async (): Promise<void> => {
    await cursor.close().catch(() => undefined);
    hasJoined = false;
    cursor = await open({ startAfter: token });
  };

  const read = (): ReturnType<ChangeStreamCursor["next"]> =>
    withRetries(async () => {
      if (broken || hasJoined) await reopen();
      broken = true;
      // Nobody is to wait long for the end of what looked like a backlog.
      const batch = await cursor.next(size, more ? 1 : Math.min(idleMs, options.awaitMs()));
      broken = batch === undefined;
      idleMs = (batch?.events.length ?? 0) > 0 ? firstAwaitMs : Math.min(idleMs * 2, mostAwaitMs);
      return batch;
    }, signal);

  const step = async (): Promise<void> => {
    const batch = await read().catch(async (error: unknown) => {
      if (isTokenNotFound(error) && token === began && filters.length > 0 && !isForeign) {
        isForeign = true;
        return undefined;
      }
      const isPushing = selection.pushed.length > 0;
      if (signal.aborted || (size === 1 && !isPushing)) throw error;
      if (isPushing) {
        // Some event fails in the stages: this batch goes to them one by one, as it would without pushing.
        mayPush = false;
        return undefined;
      }
      // An event that cannot be delivered takes its batch along: one by one, those before it come, and it can be named.
      size = 1;
      return undefined;
    });
    // What was read for the others may lack what somebody who joined meanwhile needs: it is read again.
    if (batch === undefined || hasJoined) return;
    token = batch.token;
    more = batch.events.length === size;
    size = Math.min(batchSize, size * 2);
    if (more && mayPush) cursor.readAhead(size, 1);
    await deliver(batch.events);
    if (!mayPush || isForeign) {
      mayPush = true;
      isForeign = false;
      broken = true;
    }
  };

  /** Nobody reads for those that FAILED: a tail that has only such readers ends. */
  const hasReaders = (): boolean => {
    for (const reader of readers) if (!reader.isRunning()) readers.delete(reader);
    return readers.size > 0;
  };

  const tail: Tail = {
    get readers() {
      return [...readers];
    },
    get position() {
      return { token };
    },
    get isReading() {
      return isReading;
    },
    run: async () => {
      try {
        while (!signal.aborted && hasReaders()) {
          await step();
          options.onBatch(tail);
        }
        isReading = false;
      } catch (error) {
        isReading = false;
        if (!signal.aborted) await failAll(error);
      } finally {
        await cursor.close().catch(() => undefined);
      }
    },
    remove: (reader) => {
      readers.delete(reader);
      seen.delete(reader);
    },
    add: (reader, after) => {
      readers.add(reader);
      seen.set(reader, after._data);
      hasJoined = true;
    },
  };

  const failAll = async (error: unknown): Promise<void> => {
    const culprit = await nameCulprit(error, { scope, filter, token, signal });
    const hasMoved = token !== began;
    const failure = toSourceError(error, options.label, culprit, hasMoved ? "checkpoint" : options.beginning);
    await Promise.all([...readers].map((reader) => reader.fail(failure)));
  };

  return tail;
}

/** The same filter, which lets the event to go on from pass. */
function orToken(filter: readonly Document[], token: ResumeToken | undefined): readonly Document[] {
  const [only, ...others] = filter;
  const match: unknown = only?.["$match"];
  if (token === undefined || match === undefined || others.length > 0) return filter;
  return [{ $match: { $or: [{ _id: token }, match] } }];
}

/** What the server is to filter by: any of the filters where there are several, all of which are single `$match`es of texts. */
function union(filters: readonly (readonly Document[])[]): readonly Document[] {
  const [only = []] = filters;
  if (filters.length <= 1) return only;
  if (filters.some((filter) => filter.length === 0)) return [];
  return [{ $match: { $or: filters.map((filter) => ({ $and: filter.map((stage) => stage["$match"]) })) } }];
}
