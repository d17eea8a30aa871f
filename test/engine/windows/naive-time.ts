import type { WindowPlan } from "../../../src/engine/core/plan-window.ts";
import { windowsBetween, type Happening, type Moment } from "./naive-model.ts";

/** How far the clock is moved at once, also back; before that the engine may have been stopped while it went on. */
export interface Turn {
  readonly moveMs: number;
  readonly stoppedMs?: number;
}

/** A message of a topic: a happening in one of the partitions. */
export interface Message extends Happening {
  readonly partition: number;
}

/** What time goes by in a topic. */
export interface TopicTime {
  readonly partitions: number;
  /** Undefined: silent partitions are waited for. */
  readonly partitionIdleMs: number | undefined;
}

/** The moments of a window that goes by the clock. */
export function byClock(turns: readonly Turn[], messages: readonly (Message | undefined)[]): readonly Moment[] {
  let clock = 0;
  let watermark = -Infinity;
  return turns.flatMap(({ moveMs, stoppedMs = 0 }, at): readonly Moment[] => {
    clock += stoppedMs + moveMs;
    // A clock that is set back stands until it is where it was.
    watermark = Math.max(watermark, clock);
    const message = messages[at];
    const look = { watermark };
    return message === undefined ? [look] : [look, { watermark, happening: { ...message, timeMs: watermark } }];
  });
}

/**
 * The moments of a window that goes by the times of messages: it waits for the partition that is behind, unless that is silent for
 * long enough, and closes by itself where the whole topic is.
 */
export function byMessages(
  plan: WindowPlan,
  { partitions, partitionIdleMs = Infinity }: TopicTime,
  turns: readonly Turn[],
  messages: readonly (Message | undefined)[],
): readonly Moment[] {
  const all = Array.from({ length: partitions }, () => ({ maxMs: -Infinity, silentMs: 0 }));
  let watermark = -Infinity;
  /** How long nothing has come since there was a watermark, and what that was. */
  let idle: { forMs: number; watermark: number } | undefined;

  const byPartitions = (): number => {
    const awake = all.filter(({ silentMs }) => silentMs < partitionIdleMs);
    if (awake.length > 0) return Math.min(...awake.map(({ maxMs }) => maxMs));
    // Whoever was heard of last has said it.
    const heard = all.filter(({ maxMs }) => maxMs > -Infinity);
    const silentMs = Math.min(...heard.map((each) => each.silentMs));
    return Math.min(...heard.filter((each) => each.silentMs === silentMs).map(({ maxMs }) => maxMs));
  };
  const byIdleness = (): number => {
    if (plan.kind !== "fixed" || plan.idleTimeoutMs === undefined || idle === undefined) return -Infinity;
    if (idle.forMs < plan.idleTimeoutMs) return -Infinity;
    const reached = idle.watermark + idle.forMs;
    const over = windowsBetween(plan, idle.watermark, reached).filter(({ endMs }) => endMs <= reached);
    return Math.max(...over.map(({ endMs }) => endMs + plan.allowedLatenessMs));
  };

  return turns.flatMap(({ moveMs }, at): readonly Moment[] => {
    // Neither a stop nor a clock that is set back is a silence, and neither ends one.
    const passedMs = Math.max(0, moveMs);
    for (const each of all) each.silentMs += passedMs;
    if (idle !== undefined) idle.forMs += passedMs;
    watermark = Math.max(watermark, byPartitions());
    if (idle === undefined && watermark > -Infinity) idle = { forMs: 0, watermark };
    watermark = Math.max(watermark, byIdleness());
    const look = { watermark };
    const message = messages[at];
    const partition = all[message?.partition ?? -1];
    if (message === undefined || partition === undefined) return [look];
    partition.maxMs = Math.max(partition.maxMs, message.timeMs);
    partition.silentMs = 0;
    watermark = Math.max(watermark, byPartitions());
    idle = watermark > -Infinity ? { forMs: 0, watermark } : undefined;
    return [look, { watermark, happening: message }];
  });
}
