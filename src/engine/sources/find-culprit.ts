import { EJSON } from "bson";
import { decodeExact, fieldOf } from "../core/exact-bson.ts";
import type { ChangeStreamCursor } from "./change-stream.ts";

/** How long a read waits before it looks whether it is still wanted. */
const awaitMs = 1000;

interface Search {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/**
 * Names the first event of a change stream, which another stream could not deliver whole: "update of {"_id":"big"}".
 *
 * The event is there, but a busy server may not come to it within one read. Undefined where the deadline is over or the server refuses:
 * a failure is told without a name then.
 */
export async function findCulprit(
  open: () => Promise<ChangeStreamCursor>,
  { signal, deadlineMs }: Search,
): Promise<string | undefined> {
  const startedAt = performance.now();
  let cursor: ChangeStreamCursor | undefined;
  try {
    cursor = await open();
    while (!signal.aborted && performance.now() - startedAt < deadlineMs) {
      const read = await cursor.next(1, awaitMs);
      if (read === undefined) return undefined;
      const [bytes] = read.events;
      if (bytes !== undefined) return nameOf(bytes);
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    await cursor?.close();
  }
}

function nameOf(bytes: Uint8Array): string {
  const event = decodeExact(bytes);
  return `${String(fieldOf(event, "operationType"))} of ${EJSON.stringify(fieldOf(event, "documentKey") ?? null)}`;
}
