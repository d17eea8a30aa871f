import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Binary, deserialize, type Document } from "bson";
import fc from "fast-check";
import { message, opMsg, opQuery } from "./protocol/messages.ts";

/** Sends pieces, says that nothing more comes, and waits until the other side has closed. */
export async function pour(port: number, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const socket = connectSocket({ port, host: "127.0.0.1", allowHalfOpen: false });
  socket.on("error", () => undefined);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // Who is hung up on in the middle of a write hears of an error first.
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await sleep(1);
  }
  socket.end();
  await closed;
  return Buffer.concat(chunks);
}

/** The documents of all whole replies. */
export function repliesIn(bytes: Buffer): readonly Document[] {
  const replies: Document[] = [];
  for (let rest = bytes; rest.length >= 16 && rest.length >= rest.readInt32LE(0);) {
    const length = rest.readInt32LE(0);
    const start = rest.readInt32LE(12) === 1 ? 36 : 21;
    replies.push(deserialize(rest.subarray(start, length)));
    rest = rest.subarray(length);
  }
  return replies;
}

const commands: readonly Document[] = [
  { listStreamProcessors: 1, filter: null },
  { listStreamConnections: 1 },
  { createStreamProcessor: "intruder", pipeline: [{ $source: { documents: [] } }] },
  { startStreamProcessor: "guarded" },
  { dropStreamProcessor: "guarded" },
  { processStreamProcessor: [{ $source: { documents: [{ a: 1 }] } }] },
  { getStreamProcessorStats: "guarded", options: { verbose: true } },
  { saslStart: 1, mechanism: "SCRAM-SHA-256", payload: new Binary(Buffer.from("n,,n=alice,r=abc")) },
  { saslContinue: 1, conversationId: 1, payload: new Binary(Buffer.from("c=biws,r=abc,p=AAAA")) },
  { getParameter: "*" },
  { __proto__: 1, constructor: 1 },
  { toString: 1 },
];
const whole = fc
  .constantFrom(...commands)
  .chain((command) =>
    fc.constantFrom(
      opMsg({ ...command, $db: "admin" }),
      opMsg({ ...command, $db: "other" }),
      opMsg(command),
      opQuery("admin.$cmd", command),
    ),
  );
const damaged = fc
  .tuple(whole, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }))
  .map(([bytes, changes]) => {
    const copy = Buffer.from(bytes);
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return copy;
  });
const cut = fc.tuple(whole, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length));
const junk = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const strange = fc.tuple(fc.integer(), junk).map(([opCode, body]) => message(opCode, body));
/** A command, whole, damaged or cut, or no command at all. */
export const piece = fc.oneof(whole, damaged, cut, junk, strange);
