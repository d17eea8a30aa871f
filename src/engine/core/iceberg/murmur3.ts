/**
 * MurmurHash3 by Austin Appleby, the variant of 32 bits for x86 with the seed zero, by which Iceberg spreads values over buckets.
 * Source: the Iceberg table specification, Appendix B.
 *
 * @returns a signed number of 32 bits
 */
export function murmur3(bytes: Uint8Array): number {
  const { length } = bytes;
  const words = length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let hash = 0;
  for (let word = 0; word < words; word += 1) {
    hash = rotate(hash ^ scramble(view.getInt32(word * 4, true)), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = words * 4; at < length; at += 1) rest |= view.getUint8(at) << (8 * (at & 3));
  hash ^= scramble(rest);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function scramble(word: number): number {
  return Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
