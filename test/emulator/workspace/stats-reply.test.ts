import type { Document } from "bson";
import { describe, expect, test } from "vitest";
import { noCounts, toStatsReply, type StatsParts } from "../../../src/emulator/workspace/stats-reply.ts";
import type { ProcessorDetails } from "../../../src/engine/processor-details.ts";

const pipeline = [{ $source: { documents: [] } }, { $merge: { into: { connectionName: "c", db: "d", coll: "e" } } }];

const details: ProcessorDetails = {
  name: "orders",
  state: "STARTED",
  input: 1,
  output: 1,
  deadLetters: 0,
  lagMs: { p50: 0, p95: 0, max: 0 },
  bytes: { input: 0, output: 0, deadLetters: 0 },
  operatorStats: [
    { name: "KafkaConsumerOperator", input: 9, output: 8, deadLetters: 1, ms: 0 },
    { name: "TumblingWindowOperator", input: 8, output: 2, deadLetters: 0, ms: 1.6 },
    { name: "MergeOperator", input: 2, output: 2, deadLetters: 0, ms: 3 },
  ],
  latency: { p50: 2, p99: 8, count: 3, sum: 12, startMs: 1000, endMs: 31_000 },
  window: { watermarkMs: 5000, stateBytes: 4096, minOpenStartMs: 0, maxOpenStartMs: 60_000 },
};

const parts: StatsParts = {
  workspaceName: "commerce",
  processorId: "65",
  definition: { name: "orders", pipeline },
  state: "STARTED",
  tier: "SP10",
  autoscaling: undefined,
  parallelism: 0,
  counts: { input: 9, output: 2, deadLetters: 1, inputBytes: 2048, outputBytes: 1024, deadLetterBytes: 512 },
  details,
};

describe("the envelope", () => {
  test("of a processor that runs", () => {
    expect(toStatsReply(parts)).toEqual({
      ok: 1,
      ns: "commerce.orders",
      name: "orders",
      state: "STARTED",
      tier: "SP10",
      effectiveTier: "SP10",
      stats: {
        name: "orders",
        processorId: "65",
        status: "running",
        scaleFactor: 1,
        inputMessageCount: 9,
        inputMessageSize: 2048,
        outputMessageCount: 2,
        outputMessageSize: 1024,
        dlqMessageCount: 1,
        dlqMessageSize: 512,
        stateSize: 4096,
        memoryUsageBytes: 4096,
        watermark: new Date(5000),
      },
      pipeline,
    });
  });

  test("of one that was never started, which answers as well", () => {
    const reply = toStatsReply({ ...parts, state: "CREATED", counts: noCounts, details: undefined }, { verbose: true });
    expect(reply["stats"]).toMatchObject({ status: "created", inputMessageCount: 0, stateSize: 0 });
    expect(Object.keys(reply["stats"] as Document)).not.toContain("operatorStats");
  });

  test("sizes are scaled, the memory is in bytes", () => {
    expect(toStatsReply(parts, { scale: 1024 })["stats"]).toMatchObject({
      scaleFactor: 1024,
      inputMessageSize: 2,
      stateSize: 4,
      memoryUsageBytes: 4096,
    });
  });

  test("verbose has latency in microseconds, and operators, the window with its state", () => {
    const { stats } = toStatsReply(parts, { verbose: true });
    expect(stats.latency).toEqual({
      p50: 2000,
      p99: 8000,
      count: 3,
      sum: 12_000,
      unit: "microseconds",
      start: new Date(1000),
      end: new Date(31_000),
    });
    expect(stats.operatorStats).toEqual([
      {
        name: "KafkaConsumerOperator",
        inputMessageCount: 9,
        outputMessageCount: 8,
        dlqMessageCount: 1,
        executionTimeMillis: 0,
      },
      {
        name: "TumblingWindowOperator",
        inputMessageCount: 8,
        outputMessageCount: 2,
        dlqMessageCount: 0,
        executionTimeMillis: 2,
        stateSize: 4096,
        minOpenWindowStartTime: new Date(0),
        maxOpenWindowStartTime: new Date(60_000),
      },
      {
        name: "MergeOperator",
        inputMessageCount: 2,
        outputMessageCount: 2,
        dlqMessageCount: 0,
        executionTimeMillis: 3,
      },
    ]);
  });

  test("sources and stages add what they know", () => {
    const partition = { topic: "t", partition: 0, isIdle: false, currentOffset: 9n, checkpointOffset: 8n };
    const initialSync = { estimatedDocs: 5, copiedDocs: 2, status: "in_progress" } as const;
    const more: ProcessorDetails = {
      ...details,
      kafkaPartitions: [
        { ...partition, partitionOffsetLag: 1n, watermarkMs: 7 },
        { ...partition, partition: 1, partitionOffsetLag: 2n },
        // The brokers have not said.
        { ...partition, partition: 2 },
      ],
      changeStream: { token: { _data: "82" }, behindSeconds: 4 },
      initialSync: { targets: [{ db: "d", coll: "a", initialSync }], total: initialSync },
      throttle: { throttledMs: 10, events: 2 },
      operatorStats: [
        ...details.operatorStats,
        {
          name: "ThrottleOperator",
          input: 1,
          output: 1,
          deadLetters: 0,
          ms: 0,
          throttle: { throttledMs: 9.6, events: 2 },
        },
      ],
    };
    const autoscaling = { enabled: true, maxTier: "SP30" } as const;
    const reply = toStatsReply({ ...parts, parallelism: 3, autoscaling, details: more }, { verbose: true });
    expect(reply).toMatchObject({ autoscaling, effectiveTier: "SP10" });
    expect(reply["stats"]).toMatchObject({
      kafkaTotalOffsetLag: 3n,
      kafkaPartitions: [
        { partition: 0, watermark: new Date(7) },
        { partition: 1, partitionOffsetLag: 2n },
        { partition: 2 },
      ],
      changeStreamState: { _data: "82" },
      changeStreamTimeDifferenceSecs: 4,
      throttle: { throttledTimeMs: 10, throttleEvents: 2 },
      addedParallelism: 3,
      operatorStats: [
        {
          initialSync,
          targetStats: [{ db: "d", coll: "a", initialSync }],
        },
        {},
        {},
        { throttle: { throttledTimeMs: 10, throttleEvents: 2 } },
      ],
    });
  });
});
