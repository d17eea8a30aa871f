import { expect, test } from "vitest";
import { abortedBatches, type TransactionBatch } from "../../../src/engine/core/kafka/aborted-batches.ts";

const batch = (firstOffset: number, producer: number, more: Partial<TransactionBatch> = {}): TransactionBatch => ({
  attributes: 0b1_0000,
  producerId: BigInt(producer),
  firstOffset: BigInt(firstOffset),
  lastOffsetDelta: 0,
  records: [{}],
  ...more,
});
const marker = (offset: number, producer: number, type: 0 | 1): TransactionBatch =>
  batch(offset, producer, { attributes: 0b11_0000, records: [{ key: Uint8Array.of(0, 0, 0, type) }] });
const offsetsOf = (
  batches: readonly TransactionBatch[],
  aborted: readonly (readonly [producer: number, firstOffset: number])[],
): readonly number[] => {
  const transactions = aborted.map(([producer, first]) => ({
    producerId: BigInt(producer),
    firstOffset: BigInt(first),
  }));
  return [...abortedBatches(batches, transactions)].map(({ firstOffset }) => Number(firstOffset));
};

test("each of several transactions of one producer is told from those that were committed between them", () => {
  const batches = [
    batch(0, 1),
    marker(1, 1, 0),
    batch(2, 1),
    marker(3, 1, 1),
    batch(4, 1, { lastOffsetDelta: 2 }),
    marker(7, 1, 0),
    batch(8, 1),
  ];
  expect(
    offsetsOf(batches, [
      [1, 0],
      [1, 4],
    ]),
  ).toEqual([0, 4]);
});

test("one whose marker has not been read yet, or that began before what was read, is taken back all the same", () => {
  expect(
    offsetsOf(
      [batch(10, 1), marker(11, 1, 0), batch(12, 1), batch(13, 1)],
      [
        [1, 5],
        [1, 12],
      ],
    ),
  ).toEqual([10, 12, 13]);
});

test("other producers, and messages without a transaction, stay", () => {
  const batches = [batch(0, 1), batch(1, 2), batch(2, 1, { attributes: 0 }), marker(3, 2, 1), marker(4, 1, 0)];
  expect(offsetsOf(batches, [[1, 0]])).toEqual([0]);
  expect(offsetsOf(batches, [])).toEqual([]);
});
