/** Any number below 2^53 as 32 bits that look like chance; the same for the same `value` and `salt`. Source: MurmurHash3's finalizer. */
export function mixBits(value: number, salt: number): number {
  const high = Math.floor(value / 2 ** 32);
  let bits = (value ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
