import { serialize } from "bson";
import { expect, test } from "vitest";
import { findCulprit } from "../../src/engine/sources/find-culprit.ts";
import type { ChangeStreamCursor, ReadBatch } from "../../src/engine/sources/change-stream.ts";

const token = { _data: "82" };
const event = serialize({ operationType: "update", documentKey: { _id: "big" } });
const empty: ReadBatch = { events: [], token };
const found: ReadBatch = { events: [event], token };

/** A change stream of a server that is busy: it gives these, one a read, and then nothing for ever. */
function streamOf(...batches: readonly (ReadBatch | undefined)[]) {
  const left = [...batches];
  let closed = 0;
  const cursor: ChangeStreamCursor = {
    token,
    next: async () => {
      // As a server that waits for events: it lets others run meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 1));
      return left.length === 0 ? empty : left.shift();
    },
    readAhead: () => undefined,
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
  };
  return { open: () => Promise.resolve(cursor), closed: () => closed };
}

const forever = { signal: new AbortController().signal, deadlineMs: 60_000 };

test("an event is named however many reads of a busy server come back empty", async () => {
  const stream = streamOf(...Array.from({ length: 20 }, () => empty), found);
  expect(await findCulprit(stream.open, forever)).toBe('update of {"_id":"big"}');
  expect(stream.closed()).toBe(1);
});

test("a stream that ends, a deadline and a stop each end the search without a name", async () => {
  const ended = streamOf(empty, undefined, found);
  expect(await findCulprit(ended.open, forever)).toBeUndefined();
  const late = streamOf();
  expect(await findCulprit(late.open, { ...forever, deadlineMs: 10 })).toBeUndefined();
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 10);
  const stopped = streamOf();
  expect(await findCulprit(stopped.open, { ...forever, signal: stopping.signal })).toBeUndefined();
  expect([ended, late, stopped].map(({ closed }) => closed())).toEqual([1, 1, 1]);
});

test("a server that refuses to say is no failure of its own", async () => {
  expect(await findCulprit(() => Promise.reject(new Error("no")), forever)).toBeUndefined();
});
