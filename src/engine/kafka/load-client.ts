import { xerialBlocks } from "../core/kafka/xerial-blocks.ts";

export type KafkaClient = typeof import("@platformatic/kafka");

/** What the client compresses is in a buffer, or in one of its own that gives it. */
type Compressed = Parameters<KafkaClient["compressionsAlgorithms"]["snappy"]["decompressSync"]>[0];

const isTaught = Symbol.for("asp.kafka.xerial");

/**
 * Loads the client when it is first needed, so that who has no Kafka does not pay for it.
 *
 * Its snappy reads one block; brokers and Java clients write a stream of them, over which it fails with "unreachable".
 */
export async function loadClient(): Promise<KafkaClient> {
  const client = await import("@platformatic/kafka");
  const { snappy } = client.compressionsAlgorithms;
  if (isTaught in snappy) return client;
  const decompressBlock = snappy.decompressSync;
  const decompressSync = (data: Compressed): Buffer => {
    const blocks = xerialBlocks(data instanceof Uint8Array ? data : data.buffer);
    return blocks === undefined
      ? decompressBlock(data)
      : Buffer.concat(blocks.map((block) => decompressBlock(toBuffer(block))));
  };
  Object.assign(snappy, { decompressSync, [isTaught]: true });
  return client;
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
