import { expect, test } from "vitest";
import { describePartitions } from "../../../src/engine/core/kafka/partition-details.ts";

const offsets = (of: Readonly<Record<string, readonly bigint[]>>) =>
  new Map(
    Object.entries(of).map(([topic, each]) => [topic, new Map(each.map((offset, partition) => [partition, offset]))]),
  );

const known = { isIdle: () => false, watermarkMs: () => undefined };

test("each partition of each topic has its offsets, and what it is behind", () => {
  const described = describePartitions({
    current: offsets({ a: [3n, 7n], b: [2n ** 60n] }),
    stored: offsets({ a: [1n, 7n], b: [0n] }),
    end: offsets({ a: [10n, 7n], b: [2n ** 60n + 1n] }),
    isIdle: (topic, partition) => topic === "a" && partition === 1,
    watermarkMs: (topic) => (topic === "b" ? 5 : undefined),
  });
  expect(described).toEqual([
    { topic: "a", partition: 0, currentOffset: 3n, checkpointOffset: 1n, partitionOffsetLag: 7n, isIdle: false },
    { topic: "a", partition: 1, currentOffset: 7n, checkpointOffset: 7n, partitionOffsetLag: 0n, isIdle: true },
    {
      topic: "b",
      partition: 0,
      currentOffset: 2n ** 60n,
      checkpointOffset: 0n,
      partitionOffsetLag: 1n,
      isIdle: false,
      watermarkMs: 5,
    },
  ]);
});

test("a lag is never below nothing, and is left out where the brokers say nothing", () => {
  const [current, stored] = [offsets({ a: [3n] }), offsets({ a: [3n] })];
  const lag = (end: ReturnType<typeof offsets> | undefined) =>
    describePartitions({ ...known, current, stored, end })[0]?.partitionOffsetLag;
  expect([lag(offsets({ a: [2n] })), lag(undefined), lag(offsets({ b: [9n] }))]).toEqual([0n, undefined, undefined]);
});

test("a partition that no checkpoint has yet began where it is", () => {
  const [line] = describePartitions({ ...known, current: offsets({ a: [3n] }), stored: new Map(), end: undefined });
  expect(line?.checkpointOffset).toBe(3n);
});
