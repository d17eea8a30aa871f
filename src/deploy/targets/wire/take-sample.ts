import type { Document, Long } from "bson";
import { decodeExact, fieldOf } from "../../../engine/core/exact-bson.ts";
import { listIn } from "../read-fields.ts";
import { strangeReply } from "../refusals.ts";
import type { SampleOptions } from "../target.ts";
import { commands } from "./command.ts";

export interface SampleDoor {
  readonly label: string;
  /** Sends a command, whose reply has cursors as `Long` and messages as bytes. */
  readonly run: (command: Document) => Promise<Document>;
  /** Before asking again where nothing has come. */
  readonly pause: (signal: AbortSignal | undefined) => Promise<void>;
}

/** As many as are asked for at once. */
const mostInBatch = 100;

/** Asks for what a processor writes until the service, the limit or the signal ends it. Source: asp-control-plane 3.2. */
export async function* takeSample(
  { label, run, pause }: SampleDoor,
  name: string,
  { limit, signal }: SampleOptions,
): AsyncGenerator<Document, void, undefined> {
  const isOver = (): boolean => signal?.aborted === true;
  let left = limit ?? Number.POSITIVE_INFINITY;
  if (isOver() || left <= 0) return;
  try {
    let cursorId = cursorIn(await run(commands.startSample(name, limit)), label);
    // Each reply may have another cursor; 0 is the end.
    while (!cursorId.isZero() && left > 0 && !isOver()) {
      const reply = await run(commands.moreOfSample(name, cursorId, Math.min(left, mostInBatch)));
      cursorId = cursorIn(reply, label);
      const messages = listIn(reply, "messages") ?? [];
      for (const message of messages) {
        yield ArrayBuffer.isView(message) ? decodeExact(message as Uint8Array) : (message as Document);
        left -= 1;
        if (left === 0 || isOver()) return;
      }
      if (messages.length === 0 && !cursorId.isZero()) await pause(signal);
    }
  } catch (error) {
    if (!isOver()) throw error;
  }
}

function cursorIn(reply: Document, label: string): Long {
  const cursorId = fieldOf(reply, "cursorId");
  if (typeof cursorId === "object" && cursorId !== null && "isZero" in cursorId) return cursorId as Long;
  throw strangeReply(label, "a sample without `cursorId`", false);
}
