/**
 * The hash by which Kafka's own producers choose a key's partition: MurmurHash2 by Austin Appleby, 32 bits, little endian, with the
 * seed that Kafka gives it. The arithmetic is that of Java's `int`.
 */
export function murmur2(bytes: Uint8Array): number {
  const multiplier = 0x5bd1e995;
  const { length } = bytes;
  let hash = 0x9747b28c ^ length;
  const words = length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  for (let word = 0; word < words; word += 1) {
    let mixed = Math.imul(view.getInt32(word * 4, true), multiplier);
    mixed = Math.imul(mixed ^ (mixed >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ mixed;
  }
  const rest = length & 3;
  if (rest > 0) {
    for (let at = 0; at < rest; at += 1) hash ^= view.getUint8(words * 4 + at) << (8 * at);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

/** The partition of a key among so many, as Kafka's default partitioner has it. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
