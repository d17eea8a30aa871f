/** Kinds of messages of the wire protocol that are known here. */
export const opCodes = { reply: 1, query: 2004, compressed: 2012, msg: 2013 } as const;

export const headerBytes = 16;

/** What each message begins with. */
export interface Header {
  readonly length: number;
  readonly requestId: number;
  readonly responseTo: number;
  readonly opCode: number;
}

export function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  return {
    length: view.getInt32(0, true),
    requestId: view.getInt32(4, true),
    responseTo: view.getInt32(8, true),
    opCode: view.getInt32(12, true),
  };
}

export function writeHeader({ length, requestId, responseTo, opCode }: Header): Uint8Array {
  const view = new DataView(new ArrayBuffer(headerBytes));
  for (const [index, value] of [length, requestId, responseTo, opCode].entries()) view.setInt32(index * 4, value, true);
  return new Uint8Array(view.buffer);
}
