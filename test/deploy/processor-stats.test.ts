import { Double, Long } from "bson";
import { expect, test } from "vitest";
import { renderLag, renderMemory } from "../../src/cli/render/status-table.ts";
import { toProcessorStats } from "../../src/deploy/targets/processor-stats.ts";
import { toRemoteProcessor } from "../../src/deploy/targets/read-fields.ts";

const shown = {
  name: "orders",
  state: "STARTED",
  tier: "SP10",
  effectiveTier: "SP30",
  stats: {
    scaleFactor: 1024,
    inputMessageCount: Long.fromNumber(5_000_000_000),
    inputMessageSize: 1.5,
    outputMessageCount: new Double(4),
    memoryTrackerBytes: Long.fromNumber(2048),
    watermark: "2026-01-02T03:04:05.000Z",
    kafkaTotalOffsetLag: Long.fromNumber(1200),
    kafkaPartitions: [
      { topic: "t", partition: 0, partitionOffsetLag: Long.fromNumber(1200), isIdle: false },
      { odd: 1 },
    ],
    latency: { p50: 1500, p99: new Double(20_000), unit: "microseconds" },
    operatorStats: [{ name: "MergeOperator", inputMessageCount: 4, executionTimeMillis: 7, stateSize: 2 }, {}],
  },
};

test("statistics are read in plain units, whatever types they come in", () => {
  expect(toProcessorStats("orders", shown)).toEqual({
    name: "orders",
    state: "STARTED",
    tier: "SP30",
    inputMessageCount: 5_000_000_000,
    inputBytes: 1536,
    outputMessageCount: 4,
    memoryUsageBytes: 2048,
    memoryLimitBytes: Math.floor(8 * 2 ** 30 * 0.8),
    watermark: new Date("2026-01-02T03:04:05Z"),
    kafkaLagMessages: 1200,
    kafkaPartitions: [{ topic: "t", partition: 0, lagMessages: 1200, isIdle: false }],
    latencyMs: { p50: 1.5, p99: 20 },
    operators: [{ name: "MergeOperator", inputMessageCount: 4, executionTimeMs: 7, stateBytes: 2048 }],
    raw: shown,
  });
});

test("what is not shown, or in a form that nobody knows, is absent and not 0", () => {
  const raw = {
    state: "RELEASING",
    tier: "SP99",
    stats: { inputMessageCount: "many", watermark: "soon", latency: { p50: 1, p99: 2 } },
  };
  expect(toProcessorStats("orders", raw)).toEqual({ name: "orders", state: "RELEASING", tier: "SP99", raw });
  expect(toProcessorStats("orders", {})).toEqual({ name: "orders", state: "UNKNOWN", raw: {} });
});

test("lag is a time or messages, memory stands against its limit, and what is not known is a dash", () => {
  expect(renderLag({ changeStreamLagSeconds: 90 })).toBe("1 min 30 s");
  expect(renderLag({ kafkaLagMessages: 1200 })).toBe("1,200 messages");
  expect(renderLag({})).toBe("-");
  expect(renderMemory({ memoryUsageBytes: 12 * 2 ** 20, memoryLimitBytes: 1.6 * 2 ** 30 })).toBe("12 MB of 1.6 GB");
  expect(renderMemory({ memoryUsageBytes: 512 })).toBe("512 B");
  expect(renderMemory({})).toBe("-");
});

test("why a processor failed is shown without the password of an address that it quotes", () => {
  const failed = {
    name: "orders",
    state: "FAILED",
    pipeline: [],
    errorMsg: "no way to mongodb://app:hunter2@db.example/",
  };
  const said = { error: "no way to mongodb://•••••••••••@db.example/" };
  expect(toRemoteProcessor(failed)).toMatchObject(said);
  expect(toProcessorStats("orders", failed)).toMatchObject(said);
});
