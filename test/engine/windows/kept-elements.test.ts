import { serialize } from "bson";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sizeOf, writeElements } from "../../../src/engine/windows/kept-elements.ts";
import { document } from "../bson-documents.ts";
import { hex } from "../support.ts";

const date = fc.oneof(
  fc.date({ noInvalidDate: true }).map((each) => each.getTime()),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, 8.64e15, -8.64e15),
);
const element = fc.record({
  timeMs: date,
  document: document.map((fields) => serialize(fields)),
  stream: fc.option(
    document.map((fields) => serialize(fields)),
    { nil: undefined },
  ),
});

/** What the library makes of the same: an array is a document whose names are numbers. */
function written(elements: readonly Parameters<typeof sizeOf>[0][], times: readonly number[]): string {
  const list = elements.map(({ document: bson, stream }, at) => {
    const parts: Uint8Array[] = [serialize({ t: new Date(times[at] ?? 0) }).subarray(4, -1)];
    for (const [name, value] of [["d", bson] as const, ["m", stream] as const]) {
      if (value !== undefined) parts.push(Buffer.concat([Buffer.from(`\u0003${name}\u0000`, "latin1"), value]));
    }
    return framed(Buffer.concat(parts));
  });
  return hex(
    framed(Buffer.concat(list.map((each, at) => Buffer.concat([Buffer.from(`\u0003${at}\u0000`, "latin1"), each])))),
  );
}

function framed(content: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeInt32LE(content.length + 5);
  return Buffer.concat([length, content, Buffer.alloc(1)]);
}

test("elements are written as BSON, each with its time, its document and its metadata", () => {
  const law = fc.property(fc.array(element), (elements) => {
    const bson = writeElements(elements);
    expect(hex(bson)).toBe(
      written(
        elements,
        elements.map(({ timeMs }) => timeMs),
      ),
    );
  });
  fc.assert(law, { numRuns: 500 });
});

test("also more of them than three digits count", () => {
  const one = { timeMs: 1, document: serialize({ a: 1 }), stream: undefined };
  for (const length of [9, 10, 11, 99, 100, 101, 999, 1000, 1001, 10_001]) {
    const elements = Array.from({ length }, () => one);
    expect(hex(writeElements(elements))).toBe(
      written(
        elements,
        elements.map(({ timeMs }) => timeMs),
      ),
    );
  }
});
