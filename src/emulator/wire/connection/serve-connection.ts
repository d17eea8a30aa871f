import type { Socket } from "node:net";
import { Double, type Document } from "bson";
import { serverErrors } from "../command-error.ts";
import type { Endpoint } from "../commands/command.ts";
import { compress, decompress } from "../protocol/compression.ts";
import { createFrameReader } from "../protocol/frame-reader.ts";
import { MalformedMessage } from "../protocol/malformed-message.ts";
import { opCodes, readHeader } from "../protocol/op-codes.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import { writeReply } from "../protocol/write-reply.ts";
import { createSession, type Session } from "../session.ts";
import { answer } from "./answer.ts";

/** A connection that is being served. */
export interface Served {
  /** Ends it: at once where it waits for a command, else after the one that it is at. */
  end(): void;
  readonly ended: Promise<void>;
}

/** Takes commands from a connection, one after the other, until it ends or sends what is no message. */
export function serveConnection(socket: Socket, endpoint: Endpoint): Served {
  const session = createSession(`${socket.remoteAddress ?? "?"}:${socket.remotePort ?? "?"}`);
  const connection = createConnection(socket, session, endpoint);
  // It may go in the middle of a command, which then opens what nobody will ask for.
  const forget = (): void => endpoint.samples.disconnected(session);
  socket.once("close", forget);
  const ended = connection.run().finally(() => {
    leave(socket, endpoint.limits.messageMs);
    if (socket.destroyed) forget();
  });
  // What is torn away while nobody reads it would end this process.
  socket.on("error", () => undefined);
  return { end: connection.end, ended };
}

/** Closes it once what was written has been taken. */
function leave(socket: Socket, mostMs: number): void {
  if (socket.destroyed) return;
  const isLate = setTimeout(() => socket.destroy(), mostMs);
  socket.once("close", () => clearTimeout(isLate));
  socket.destroySoon();
}

interface Connection {
  run(): Promise<void>;
  end(): void;
}

function createConnection(socket: Socket, session: Session, endpoint: Endpoint): Connection {
  const { limits, log } = endpoint;
  const reader = createFrameReader();
  const startedAtMs = performance.now();
  let halfSinceMs: number | undefined;
  let hasSpoken = false;
  let isBusy = false;
  let isEnding = false;
  let timer: NodeJS.Timeout | undefined;

  const close = (reason: string): void => {
    log(`${session.address}: connection closed: ${reason}`);
    socket.destroy();
  };
  const isAnonymous = (): boolean => session.user === undefined && !endpoint.users.isOpen;
  const mostBytes = (): number => Math.min(limits.messageBytes, isAnonymous() ? limits.openMessageBytes : Infinity);

  /** How long it may stay silent from now on, and what it is closed for then. */
  const patience = (): { readonly ms: number; readonly reason: string } => {
    const now = performance.now();
    if (!hasSpoken) return { ms: startedAtMs + limits.handshakeMs - now, reason: "no command came" };
    if (halfSinceMs !== undefined) return { ms: halfSinceMs + limits.messageMs - now, reason: "half a message came" };
    return { ms: isAnonymous() ? limits.openIdleMs : limits.idleMs, reason: "it was idle" };
  };
  const wait = (): void => {
    clearTimeout(timer);
    halfSinceMs = reader.isHalf ? (halfSinceMs ?? performance.now()) : undefined;
    const { ms, reason } = patience();
    timer = setTimeout(() => close(reason), Math.max(0, ms));
  };

  const write = async (bytes: Uint8Array): Promise<void> => {
    if (socket.destroyed || socket.write(bytes)) return;
    const isLate = setTimeout(() => close("a reply was not taken"), limits.messageMs);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.once("drain", done).once("close", done);
    });
    clearTimeout(isLate);
  };

  const take = async (frame: Uint8Array): Promise<void> => {
    const isCompressed = readHeader(frame).opCode === opCodes.compressed;
    if (isCompressed && !session.compresses) throw new MalformedMessage("compressed, which was not agreed on");
    const message = parseMessage(isCompressed ? await decompress(frame, mostBytes()) : frame);
    hasSpoken = true;
    const reply = await answer(message, { endpoint, session });
    if (!message.wantsReply) return;
    const bytes = toBytes(reply, message);
    await write(isCompressed ? await compress(bytes) : bytes);
  };

  const run = async (): Promise<void> => {
    wait();
    try {
      for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        reader.push(chunk);
        clearTimeout(timer);
        isBusy = true;
        for (let frame = reader.next(mostBytes()); frame !== undefined; frame = reader.next(mostBytes())) {
          halfSinceMs = undefined;
          await take(frame);
          if (isEnding || socket.destroyed) return;
        }
        isBusy = false;
        wait();
      }
      if (reader.isHalf) close("it ended within a message");
    } catch (error) {
      if (error instanceof MalformedMessage) close(error.message);
      // Anything else is the network's, and ends nothing but this connection.
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    run,
    end: () => {
      isEnding = true;
      if (!isBusy) socket.destroy();
    },
  };
}

function toBytes(reply: Document, message: Parameters<typeof writeReply>[1]): Uint8Array {
  try {
    return writeReply(reply, message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { code, codeName } = serverErrors.tooLarge;
    return writeReply(
      { ok: new Double(0), errmsg: "the reply is larger than a document may be", code, codeName },
      message,
    );
  }
}
