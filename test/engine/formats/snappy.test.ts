import fc from "fast-check";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { crc32c } from "../../../src/engine/core/formats/crc32c.ts";
import { compressSnappy, snappyBlockBytes, snappyFrame } from "../../../src/engine/core/formats/snappy.ts";
import { hex } from "../support.ts";

test("the checksum is that of the standard's examples", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
});

/** Bytes that repeat themselves, near and far, and bytes that do not. */
const block = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat({ max: 2000 })).map(([bytes, times]) => {
        const repeated = new Uint8Array(Math.min(bytes.length * times, 9000));
        for (let at = 0; at < repeated.length; at += 1) repeated[at] = bytes[at % bytes.length] ?? 0;
        return repeated;
      }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => new Uint8Array(parts.flatMap((part) => [...part])));

test("another implementation reads the same bytes back, whatever they are", () => {
  const law = fc.property(block, (bytes) => {
    expect(hex(uncompress(compressSnappy(bytes)))).toBe(hex(bytes));
  });
  fc.assert(law, { numRuns: 500 });
});

test("a full block is read back, alike or not", () => {
  const random = fc.sample(
    fc.uint8Array({ minLength: snappyBlockBytes, maxLength: snappyBlockBytes, size: "max" }),
    1,
  )[0];
  for (const bytes of [new Uint8Array(snappyBlockBytes), random ?? new Uint8Array()]) {
    expect(bytes.length).toBe(snappyBlockBytes);
    expect(hex(uncompress(compressSnappy(bytes)))).toBe(hex(bytes));
  }
});

test("what repeats itself becomes smaller; what does not is framed as it is", () => {
  const text = new TextEncoder().encode('{"country":"at","total":1}\n'.repeat(500));
  expect(compressSnappy(text).length).toBeLessThan(text.length / 10);
  expect(snappyFrame(text)[0]).toBe(0x00);
  const short = new Uint8Array([1, 2, 3]);
  const frame = snappyFrame(short);
  expect(frame[0]).toBe(0x01);
  expect([...frame.subarray(8)]).toEqual([1, 2, 3]);
});
