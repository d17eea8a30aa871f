import fc from "fast-check";
import { expect, test } from "vitest";
import { compressSnappy, snappyFrame, snappyHeader } from "../../src/engine/core/formats/snappy.ts";
import { jsonObjects } from "../../src/testing/captured/read-captured.ts";
import { readSnappy } from "../../src/testing/captured/read-snappy.ts";

test("objects are found again, whatever stands in them and between them", () => {
  const object = fc.dictionary(
    fc.string(),
    fc.oneof(
      fc.string(),
      fc.json().map((json) => JSON.parse(json) as unknown),
    ),
  );
  const delimiter = fc.constantFrom("\n", ",", " }{ ", '"', "\\", "");
  fc.assert(
    fc.property(fc.array(object, { maxLength: 4 }), delimiter, (objects, between) => {
      const texts = objects.map((each) => JSON.stringify(each));
      expect([...jsonObjects(texts.join(between))]).toEqual(texts);
    }),
    { numRuns: 500 },
  );
});

const stream = (...frames: readonly Uint8Array[]): Uint8Array => Buffer.concat([snappyHeader, ...frames]);
const block = new TextEncoder().encode('{"a":1}\n'.repeat(300));

test("frames of Snappy are read, and those that are damaged, cut off or unknown are refused", () => {
  const whole = stream(snappyFrame(block), snappyFrame(block.subarray(0, 3)));
  expect(Buffer.from(readSnappy(whole)).equals(Buffer.concat([block, block.subarray(0, 3)]))).toBe(true);
  expect(compressSnappy(block).length).toBeLessThan(block.length);
  const damaged = Uint8Array.from(whole);
  damaged[snappyHeader.length + 5] = (damaged[snappyHeader.length + 5] ?? 0) ^ 1;
  expect(() => readSnappy(damaged)).toThrow("damaged");
  expect(() => readSnappy(whole.subarray(0, -1))).toThrow("cut off");
  expect(() => readSnappy(stream(new Uint8Array([2, 0, 0, 0])))).toThrow("no frame of Snappy has type 2");
});
