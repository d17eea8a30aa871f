import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { murmur3 } from "../../../src/engine/core/iceberg/murmur3.ts";
import {
  applyTransform,
  parseTransform,
  readTransform,
  resultType,
  transformText,
  type Transform,
} from "../../../src/engine/core/iceberg/transforms.ts";

const utf8 = new TextEncoder();
const long = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
};
const micros = (text: string): bigint => BigInt(Date.parse(text)) * 1000n;

/** Source: the Iceberg table specification, Appendix B, "32-bit Hash Requirements". */
test.each([
  ["34 as a long", long(34n), 2017239379],
  ["a text", utf8.encode("iceberg"), 1210000089],
  ["a time", long(micros("2017-11-16T14:31:08-08:00")), -2047944441],
  ["bytes", Uint8Array.of(0, 1, 2, 3), -188683207],
])("the hash of %s is that of the specification", (_name, bytes, hash) => {
  expect(murmur3(bytes)).toBe(hash);
});

/** Source: the same, "Truncate Transform Details", and the units of "Partition Transforms". */
test.each<[Transform, unknown, unknown]>([
  [{ kind: "truncate", width: 10 }, 1, 0],
  [{ kind: "truncate", width: 10 }, -1, -10],
  [{ kind: "truncate", width: 10 }, -1n, -10n],
  [{ kind: "truncate", width: 3 }, "iceberg", "ice"],
  [{ kind: "truncate", width: 2 }, "🧊🧊🧊", "🧊🧊"],
  [{ kind: "truncate", width: 3 }, Uint8Array.of(1, 2, 3, 4, 5), Uint8Array.of(1, 2, 3)],
  [{ kind: "year" }, micros("2017-11-16T22:31:08Z"), 47],
  [{ kind: "month" }, micros("2017-11-16T22:31:08Z"), 574],
  [{ kind: "day" }, micros("2017-11-16T22:31:08Z"), 17486],
  [{ kind: "hour" }, micros("2017-11-16T22:31:08Z"), 419686],
  [{ kind: "year" }, -1n, -1],
  [{ kind: "month" }, -1n, -1],
  [{ kind: "day" }, -1n, -1],
  [{ kind: "hour" }, -1n, -1],
  [{ kind: "bucket", width: 16 }, 34, 3],
  [{ kind: "bucket", width: 16 }, 34n, 3],
  [{ kind: "identity" }, "x", "x"],
  [{ kind: "bucket", width: 16 }, undefined, null],
  [{ kind: "identity" }, null, null],
])("%j of %s is %s", (transform, value, partition) => {
  expect(applyTransform(transform, value)).toEqual(partition);
});

test("every value is in one of the buckets", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.oneof(fc.string(), fc.bigInt(), fc.uint8Array()),
      (width, value) => {
        const own = typeof value === "bigint" ? BigInt.asIntN(64, value) : value;
        const bucket = applyTransform({ kind: "bucket", width }, own);
        expect(bucket).toBeGreaterThanOrEqual(0);
        expect(bucket).toBeLessThan(width);
      },
    ),
  );
});

describe("a transform as `partitionedBy` has it", () => {
  test.each([
    ["identity", "identity"],
    ["hour", "hour"],
    [{ bucket: 16 }, "bucket[16]"],
    [{ truncate: 3 }, "truncate[3]"],
  ])("%j is %s in the metadata, and is read again", (value, text) => {
    const transform = readTransform(value);
    expect(transform && transformText(transform)).toBe(text);
    expect(parseTransform(text)).toEqual(transform);
  });

  test.each(["week", 16, null, [], { bucket: -1 }, { bucket: 2 ** 31 }, { buckets: 4 }, {}])("%j is none", (value) => {
    expect(readTransform(value)).toBeUndefined();
  });

  test.each(["void", "bucket[0]", "bucket[x]", "zorder"])("%s is not known here", (text) => {
    expect(parseTransform(text)).toBeUndefined();
  });
});

test.each<[Transform, "string" | "double" | "boolean" | "timestamptz", string | undefined]>([
  [{ kind: "bucket", width: 4 }, "string", "int"],
  [{ kind: "bucket", width: 4 }, "double", undefined],
  [{ kind: "truncate", width: 4 }, "timestamptz", undefined],
  [{ kind: "day" }, "timestamptz", "int"],
  [{ kind: "day" }, "string", undefined],
  [{ kind: "identity" }, "boolean", "boolean"],
])("%j is for %s: %s", (transform, type, result) => {
  expect(resultType(transform, type)).toBe(result);
});
