import { crc32c } from "../../../engine/core/formats/crc32c.ts";
import { commandBytesMax } from "../limits.ts";
import { checkBson, checkDocument } from "./check-bson.ts";
import { MalformedMessage } from "./malformed-message.ts";
import { headerBytes, opCodes, readHeader } from "./op-codes.ts";

/** A command as a client sent it: BSON that has been checked and not been read yet. */
export interface Message {
  readonly requestId: number;
  /** `query`: the old form, in which handshakes still come. */
  readonly form: "msg" | "query";
  readonly command: Uint8Array;
  /** Arrays of the command that were sent beside it. */
  readonly sequences: readonly Sequence[];
  /** False: the sender wants no answer. */
  readonly wantsReply: boolean;
  /** Of the old form; the new one has `$db`. */
  readonly db: string | undefined;
}

interface Sequence {
  readonly name: string;
  readonly documents: readonly Uint8Array[];
}

const checksumPresent = 1;
const moreToCome = 2;
/** Flags that must be understood are the lower half. */
const known = checksumPresent | moreToCome;
const required = 0xffff;

/** @throws MalformedMessage */
export function parseMessage(message: Uint8Array): Message {
  return readHeader(message).opCode === opCodes.query ? parseQuery(message) : parseMsg(message);
}

function parseMsg(message: Uint8Array): Message {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (message.length < headerBytes + 4) throw new MalformedMessage("a message that breaks off");
  const flags = view.getUint32(headerBytes, true);
  if ((flags & required & ~known) !== 0) throw new MalformedMessage("a flag that is not known and must be");
  const hasChecksum = (flags & checksumPresent) !== 0;
  const limit = hasChecksum ? message.length - 4 : message.length;
  if (hasChecksum && (limit < headerBytes + 4 || view.getUint32(limit, true) !== crc32c(message.subarray(0, limit)))) {
    throw new MalformedMessage("a message with a wrong checksum");
  }
  let command: Uint8Array | undefined;
  const sequences: Sequence[] = [];
  let at = headerBytes + 4;
  while (at < limit) {
    const kind = view.getUint8(at);
    at += 1;
    if (kind === 0) {
      if (command !== undefined) throw new MalformedMessage("a message with two commands");
      const end = checkDocument(view, at, limit, 1);
      if (end - at > commandBytesMax) throw new MalformedMessage("a document of more than 16 MB");
      command = message.subarray(at, end);
      at = end;
    } else if (kind === 1) {
      const end = at + sizeAt(view, at, limit);
      sequences.push(parseSequence(message.subarray(at, end)));
      at = end;
    } else {
      throw new MalformedMessage(`unknown section ${kind}`);
    }
  }
  if (command === undefined) throw new MalformedMessage("a message without a command");
  const wantsReply = (flags & moreToCome) === 0;
  return { requestId: readHeader(message).requestId, form: "msg", command, sequences, wantsReply, db: undefined };
}

/** Its size, itself included. */
function sizeAt(view: DataView, at: number, limit: number): number {
  const size = at + 4 > limit ? 0 : view.getInt32(at, true);
  if (size < 5 || at + size > limit) throw new MalformedMessage("a section that is longer than its message");
  return size;
}

function parseSequence(bytes: Uint8Array): Sequence {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameEnd = bytes.indexOf(0, 4);
  if (nameEnd < 0) throw new MalformedMessage("a section without a name");
  const documents: Uint8Array[] = [];
  let at = nameEnd + 1;
  while (at < bytes.length) {
    const end = checkDocument(view, at, bytes.length, 1);
    documents.push(bytes.subarray(at, end));
    at = end;
  }
  return { name: Buffer.from(bytes.subarray(4, nameEnd)).toString("utf8"), documents };
}

/** Flags, collection, skip, limit, query, and perhaps a projection, which no command has. */
function parseQuery(message: Uint8Array): Message {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const nameEnd = message.indexOf(0, headerBytes + 4);
  if (nameEnd < 0) throw new MalformedMessage("a query without a collection");
  const name = Buffer.from(message.subarray(headerBytes + 4, nameEnd)).toString("utf8");
  if (!name.endsWith(".$cmd")) throw new MalformedMessage("a query of the old form that is no command");
  const start = nameEnd + 1 + 8;
  if (start > message.length) throw new MalformedMessage("a query that breaks off");
  const end = checkDocument(view, start, message.length, 1);
  if (end < message.length) checkBson(message.subarray(end));
  return {
    requestId: readHeader(message).requestId,
    form: "query",
    command: message.subarray(start, end),
    sequences: [],
    wantsReply: true,
    db: name.slice(0, -".$cmd".length),
  };
}
