import { serialize, type Document } from "bson";
import { commandBytesMax } from "../limits.ts";
import type { Message } from "./parse-message.ts";
import { headerBytes, opCodes, writeHeader } from "./op-codes.ts";

/**
 * A reply as a message of the form in which the command came.
 *
 * The library cuts off silently what does not fit into its buffer, or throws a RangeError; that is larger than a document may be, so that
 * what was cut off is too large as well.
 *
 * @throws RangeError where it is larger than a document may be
 */
export function writeReply(reply: Document, { form, requestId }: Pick<Message, "form" | "requestId">): Uint8Array {
  const body = serialize(reply, { ignoreUndefined: true });
  if (body.length > commandBytesMax) throw new RangeError("a reply of more than 16 MB");
  const before = form === "msg" ? msgBytes : replyBytes;
  const length = headerBytes + before.length + body.length;
  const opCode = form === "msg" ? opCodes.msg : opCodes.reply;
  return Buffer.concat([writeHeader({ length, requestId: 0, responseTo: requestId, opCode }), before, body]);
}

/** No flags, and one section, the reply. */
const msgBytes = new Uint8Array(5);

/** Flags (it can be awaited), cursor, position, and the number of documents. */
const replyBytes = Uint8Array.from([8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
