import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import { MalformedMessage } from "./malformed-message.ts";
import { headerBytes, opCodes, readHeader, writeHeader } from "./op-codes.ts";

const inflateBytes = promisify<Uint8Array, { readonly maxOutputLength: number }, Buffer>(inflate);
const deflateBytes = promisify<Uint8Array, Buffer>(deflate);

/** The only one that is negotiated: Node has no snappy. */
export const compressor = { name: "zlib", id: 2 } as const;

/** Original opcode, length and compressor stand before what is compressed. */
const ownBytes = 9;

/**
 * A message as it was before its sender compressed it.
 *
 * @throws MalformedMessage also where it would grow over `mostBytes`, before it does
 */
export async function decompress(message: Uint8Array, mostBytes: number): Promise<Uint8Array> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (message.length < headerBytes + ownBytes) throw new MalformedMessage("a compressed message that breaks off");
  const opCode = view.getInt32(headerBytes, true);
  const size = view.getInt32(headerBytes + 4, true);
  if (view.getUint8(headerBytes + 8) !== compressor.id)
    throw new MalformedMessage("a compressor that was not agreed on");
  if (opCode !== opCodes.msg) throw new MalformedMessage(`opcode ${opCode} compressed`);
  const length = headerBytes + size;
  if (size < 1 || length > mostBytes) throw new MalformedMessage(`a compressed message of ${length} bytes`);
  const body = await inflateBytes(message.subarray(headerBytes + ownBytes), { maxOutputLength: size }).catch(() => {
    throw new MalformedMessage("a compressed message that is damaged");
  });
  if (body.length !== size) throw new MalformedMessage("a compressed message of another length");
  const { requestId, responseTo } = readHeader(message);
  return Buffer.concat([writeHeader({ length, requestId, responseTo, opCode }), body]);
}

export async function compress(message: Uint8Array): Promise<Uint8Array> {
  const { requestId, responseTo, opCode } = readHeader(message);
  const body = await deflateBytes(message.subarray(headerBytes));
  const own = new DataView(new ArrayBuffer(ownBytes));
  own.setInt32(0, opCode, true);
  own.setInt32(4, message.length - headerBytes, true);
  own.setUint8(8, compressor.id);
  const length = headerBytes + ownBytes + body.length;
  const header = writeHeader({ length, requestId, responseTo, opCode: opCodes.compressed });
  return Buffer.concat([header, new Uint8Array(own.buffer), body]);
}
