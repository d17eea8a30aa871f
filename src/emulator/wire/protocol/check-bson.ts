import { MalformedMessage } from "./malformed-message.ts";

/** As deep as a server reads. */
const mostLevels = 200;

/**
 * Looks whether bytes are one BSON document from their first to their last, before anything reads them: every length within what is
 * around it, every text ended, every type known, not too deep.
 *
 * @throws MalformedMessage
 */
export function checkBson(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = checkDocument(view, 0, bytes.length, 1);
  if (end !== bytes.length) throw new MalformedMessage("bytes after a document");
}

/** @returns where it ends */
export function checkDocument(view: DataView, start: number, limit: number, level: number): number {
  if (level > mostLevels) throw new MalformedMessage(`documents in more than ${mostLevels} levels`);
  const size = readSize(view, start, limit);
  const end = start + size;
  if (size < 5 || end > limit) throw new MalformedMessage("a document that is longer than what is around it");
  const last = end - 1;
  if (view.getUint8(last) !== 0) throw new MalformedMessage("a document without an end");
  let at = start + 4;
  while (at < last) {
    const type = view.getUint8(at);
    at = checkValue(view, { type, at: skipText(view, at + 1, last), limit: last, level });
    if (at > last) throw new MalformedMessage("a value that is longer than its document");
  }
  return end;
}

interface Value {
  readonly type: number;
  readonly at: number;
  readonly limit: number;
  readonly level: number;
}

/** Bytes of types that are always of one length. */
const fixed: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0x7f: 0,
  0xff: 0,
};

function checkValue(view: DataView, { type, at, limit, level }: Value): number {
  const size = fixed[type];
  if (size !== undefined) {
    if (type === 0x08 && at < limit && view.getUint8(at) > 1) throw new MalformedMessage("a boolean that is neither");
    return at + size;
  }
  switch (type) {
    case 0x02:
    case 0x0d:
    case 0x0e:
      return skipString(view, at, limit);
    case 0x03:
    case 0x04:
      return checkDocument(view, at, limit, level + 1);
    case 0x05:
      return skipBinary(view, at, limit);
    case 0x0b:
      return skipText(view, skipText(view, at, limit), limit);
    case 0x0c:
      return skipString(view, at, limit) + 12;
    case 0x0f: {
      const end = at + readSize(view, at, limit);
      const scope = skipString(view, at + 4, limit);
      if (checkDocument(view, scope, limit, level + 1) !== end) throw new MalformedMessage("code of another length");
      return end;
    }
    default:
      throw new MalformedMessage(`unknown BSON type ${type}`);
  }
}

function readSize(view: DataView, at: number, limit: number): number {
  if (at + 4 > limit) throw new MalformedMessage("a document that breaks off");
  return view.getInt32(at, true);
}

function skipString(view: DataView, at: number, limit: number): number {
  const size = readSize(view, at, limit);
  const end = at + 4 + size;
  if (size < 1 || end > limit) throw new MalformedMessage("a text that is longer than its document");
  if (view.getUint8(end - 1) !== 0) throw new MalformedMessage("a text without an end");
  return end;
}

const oldBinary = 2;

function skipBinary(view: DataView, at: number, limit: number): number {
  const size = readSize(view, at, limit);
  const end = at + 5 + size;
  if (size < 0 || end > limit) throw new MalformedMessage("bytes that are longer than their document");
  const isOld = view.getUint8(at + 4) === oldBinary;
  if (isOld && (size < 4 || view.getInt32(at + 5, true) !== size - 4)) {
    throw new MalformedMessage("bytes of another length");
  }
  return end;
}

function skipText(view: DataView, at: number, limit: number): number {
  for (let end = at; end < limit; end += 1) if (view.getUint8(end) === 0) return end + 1;
  throw new MalformedMessage("a name without an end");
}
