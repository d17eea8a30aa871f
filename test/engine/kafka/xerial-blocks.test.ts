import { expect, test } from "vitest";
import { xerialBlocks } from "../../../src/engine/core/kafka/xerial-blocks.ts";

const header = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1];

test("a stream of blocks is cut into them", () => {
  const stream = new Uint8Array([...header, 0, 0, 0, 2, 10, 11, 0, 0, 0, 1, 12]);
  expect(xerialBlocks(stream)).toEqual([new Uint8Array([10, 11]), new Uint8Array([12])]);
  expect(xerialBlocks(new Uint8Array(header))).toEqual([]);
});

test("anything else is one block by itself", () => {
  expect(xerialBlocks(new Uint8Array([1, 2, 3]))).toBeUndefined();
  expect(xerialBlocks(new Uint8Array(20))).toBeUndefined();
});
