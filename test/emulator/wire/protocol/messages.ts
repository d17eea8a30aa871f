import { serialize, type Document } from "bson";
import { opCodes, writeHeader } from "../../../../src/emulator/wire/protocol/op-codes.ts";

export interface MessageParts {
  readonly requestId?: number;
  readonly flags?: number;
  readonly sequences?: Readonly<Record<string, readonly Document[]>>;
}

/** A command as a driver sends it. */
export function opMsg(command: Document, { requestId = 1, flags = 0, sequences = {} }: MessageParts = {}): Buffer {
  const sections = Object.entries(sequences).map(([name, documents]) => {
    const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map((document) => serialize(document))]);
    return Buffer.concat([Buffer.from([1]), int32(content.length + 4), content]);
  });
  const body = Buffer.concat([int32(flags), Buffer.from([0]), serialize(command), ...sections]);
  return message(opCodes.msg, body, requestId);
}

/** A command in the old form. */
export function opQuery(collection: string, command: Document): Buffer {
  const name = Buffer.from(`${collection}\0`);
  return message(opCodes.query, Buffer.concat([int32(0), name, int32(0), int32(-1), serialize(command)]), 1);
}

export function message(opCode: number, body: Uint8Array, requestId = 1): Buffer {
  const header = writeHeader({ length: 16 + body.length, requestId, responseTo: 0, opCode });
  return Buffer.concat([header, body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
