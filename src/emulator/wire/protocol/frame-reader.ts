import { MalformedMessage } from "./malformed-message.ts";
import { headerBytes, opCodes, readHeader } from "./op-codes.ts";

/** Cuts what a connection receives, in whatever pieces, into messages. */
export interface FrameReader {
  push(chunk: Uint8Array): void;
  /**
   * The next whole message, header included; undefined where more must come first.
   *
   * @param mostBytes what a message may weigh now
   * @throws MalformedMessage as soon as a header says something impossible
   */
  next(mostBytes: number): Uint8Array | undefined;
  /** A part of a message has come. */
  readonly isHalf: boolean;
}

const fromClients: readonly number[] = [opCodes.query, opCodes.compressed, opCodes.msg];

export function createFrameReader(): FrameReader {
  let chunks: Uint8Array[] = [];
  let held = 0;

  /** At least so many bytes in one piece. */
  const first = (bytes: number): Uint8Array => {
    const [head] = chunks;
    if (head !== undefined && head.length >= bytes) return head;
    const joined = Buffer.concat(chunks);
    chunks = [joined];
    return joined;
  };

  return {
    push: (chunk) => {
      if (chunk.length === 0) return;
      chunks.push(chunk);
      held += chunk.length;
    },
    next: (mostBytes) => {
      if (held < headerBytes) return undefined;
      const { length, opCode } = readHeader(first(headerBytes));
      if (!fromClients.includes(opCode)) throw new MalformedMessage(`unknown opcode ${opCode}`);
      if (length < headerBytes) throw new MalformedMessage(`a message of ${length} bytes`);
      if (length > mostBytes) throw new MalformedMessage(`a message of ${length} bytes, more than ${mostBytes}`);
      if (held < length) return undefined;
      const bytes = first(length);
      const rest = bytes.subarray(length);
      chunks.shift();
      if (rest.length > 0) chunks.unshift(rest);
      held -= length;
      return bytes.subarray(0, length);
    },
    get isHalf() {
      return held > 0;
    },
  };
}
