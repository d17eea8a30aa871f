/**
 * How far event time has come, and what that depends on. Times are milliseconds since the epoch.
 *
 * The watermark is the highest event time consumed; of a source with several parts (partitions of Kafka), the lowest of theirs, so that
 * a part without events holds everything back, until it has been idle for too long. Source: asp-language 3.1.
 */
export interface WatermarkState {
  /** Undefined before the first event, and while a part has had none. */
  readonly atMs: number | undefined;
  /** Absent for a source in one part. */
  readonly lanes?: readonly Lane[];
}

/** A part of a source with a clock of its own. */
export interface Lane {
  readonly lane: string;
  readonly maxMs: number | undefined;
  /** Engine time of its last event, or of when it became known. */
  readonly seenMs: number;
}

/** Moves on as events are consumed, one after the other. */
export interface Watermark {
  readonly state: WatermarkState;
  /** Where it is now. */
  readonly atMs: number | undefined;
  /** A part of the source that there is, whether or not it has events. */
  know(lane: string, nowMs: number): void;
  /** An event of `timeMs` was consumed at engine time `nowMs`. */
  consume(timeMs: number, nowMs: number, lane?: string): void;
  /** Time passes: parts that are idle too long no longer hold the others back. */
  pass(nowMs: number): void;
  /** Moves it to at least `toMs`, whatever the events say. */
  raise(toMs: number): void;
}

/** @param idleTimeoutMs after so long without an event a part of the source no longer counts; undefined: never */
export function createWatermark(from: WatermarkState, idleTimeoutMs: number | undefined): Watermark {
  let atMs = from.atMs;
  const lanes = new Map((from.lanes ?? []).map((lane) => [lane.lane, lane]));
  const raise = (toMs: number): void => {
    // It never goes back, as when a part that was idle has old events after all.
    if (atMs === undefined || toMs > atMs) atMs = toMs;
  };
  const settle = (nowMs: number): void => {
    let lowest: number | undefined;
    for (const { maxMs, seenMs } of lanes.values()) {
      if (idleTimeoutMs !== undefined && nowMs - seenMs >= idleTimeoutMs) continue;
      if (maxMs === undefined) return;
      lowest = lowest === undefined ? maxMs : Math.min(lowest, maxMs);
    }
    const toMs = lowest ?? lastSaidMs();
    if (toMs !== undefined) raise(toMs);
  };
  /** With every part idle, what the last ones said stands, also where nobody has looked while they were not. */
  const lastSaidMs = (): number | undefined => {
    const heard = [...lanes.values()].filter(({ maxMs }) => maxMs !== undefined);
    const lastMs = Math.max(...heard.map(({ seenMs }) => seenMs));
    const said = heard.flatMap(({ maxMs = lastMs, seenMs }) => (seenMs === lastMs ? [maxMs] : []));
    return said.length === 0 ? undefined : Math.min(...said);
  };
  return {
    get atMs() {
      return atMs;
    },
    get state() {
      return lanes.size === 0 ? { atMs } : { atMs, lanes: [...lanes.values()] };
    },
    know: (lane, nowMs) => {
      if (!lanes.has(lane)) lanes.set(lane, { lane, maxMs: undefined, seenMs: nowMs });
    },
    consume: (timeMs, nowMs, lane) => {
      if (lane === undefined) return raise(timeMs);
      const maxMs = Math.max(timeMs, lanes.get(lane)?.maxMs ?? timeMs);
      lanes.set(lane, { lane, maxMs, seenMs: nowMs });
      settle(nowMs);
    },
    pass: settle,
    raise,
  };
}
