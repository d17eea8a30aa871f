/** What begins a stream of snappy blocks as Java's library writes them; two version numbers follow. */
const magic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const headerBytes = magic.length + 8;

/**
 * The snappy blocks within such a stream, each preceded by its length; `undefined` for anything else, which is one block by itself.
 *
 * Kafka's Java clients and brokers write this form and read both.
 */
export function xerialBlocks(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  if (bytes.length < headerBytes || magic.some((byte, at) => bytes[at] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  for (let at = headerBytes; at + 4 <= bytes.length;) {
    const length = view.getUint32(at);
    blocks.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}
