import { setTimeout as sleep } from "node:timers/promises";
import { serialize } from "bson";
import { parseSchedule, type Schedule } from "../../compiler/parse-schedule.ts";
import type { SchedulePlan } from "../core/plan-source.ts";
import { afterNextTick, pausedAt, resumedAt, type TickPosition } from "../core/tick-position.ts";
import type { EngineContext } from "../engine-context.ts";
import type { Batch, Position, SourceEvent } from "./batch.ts";
import type { PullSource } from "./pull-source.ts";

const batchSize = 1000;
/** So long a look at the clock may be off; the engine's clock need not be the wall's. */
const lookMs = 250;

/**
 * Delivers a document for each tick of a cron schedule that the engine's clock has passed since the start, in order; while there is
 * none, an empty batch. A clock that goes back brings no tick again.
 *
 * Source: asp-language section 1.1.7.
 */
export function createScheduleSource(plan: SchedulePlan, { now }: Pick<EngineContext, "now">): PullSource {
  const schedule = readSchedule(plan.schedule);
  let isReading = false;
  /** Those who wait until everything due has been delivered. */
  let waiting: (() => void)[] = [];
  let wake = (): void => undefined;

  const release = (): void => {
    const released = waiting;
    waiting = [];
    for (const resolve of released) resolve();
  };

  async function* read(from: Position, signal: AbortSignal): AsyncGenerator<Batch> {
    isReading = true;
    let position = from;
    let reached = toTicks(from);
    let next = afterNextTick(schedule, reached);
    try {
      while (!signal.aborted) {
        const untilMs = now();
        const events: SourceEvent[] = [];
        while (next !== undefined && next.tickMs <= untilMs && events.length < batchSize) {
          reached = next;
          position = fromTicks(reached);
          events.push(toEvent(plan.tsFieldName, reached.tickMs, position));
          next = afterNextTick(schedule, reached);
        }
        if (events.length === 0) release();
        yield { events, position, more: events.length === batchSize };
        if (events.length > 0) continue;
        await untilLook(signal, next === undefined ? lookMs : next.tickMs - now());
      }
    } finally {
      isReading = false;
      release();
    }
  }

  const untilLook = async (signal: AbortSignal, ms: number): Promise<void> => {
    const woken = new AbortController();
    wake = () => woken.abort();
    const either = AbortSignal.any([signal, woken.signal]);
    await sleep(Math.min(lookMs, Math.max(1, ms)), undefined, { signal: either }).catch(() => undefined);
    wake = () => undefined;
  };

  return {
    start: async () => ({ tickMs: now() }),
    read,
    tick: async () => {
      if (!isReading) return;
      const delivered = new Promise<void>((resolve) => waiting.push(resolve));
      wake();
      await delivered;
    },
    target: async () => {
      const untilMs = now();
      return (position) => {
        const next = afterNextTick(schedule, toTicks(position));
        return next === undefined || next.tickMs > untilMs;
      };
    },
    atStop: (position) => fromTicks(pausedAt(toTicks(position), now())),
    resume: (position) => fromTicks(resumedAt(toTicks(position), now())),
    stored: async () => undefined,
    close: async () => undefined,
  };
}

function readSchedule(text: string): Schedule {
  const schedule = parseSchedule(text);
  if (schedule === undefined) throw new Error(`the compiler has let the schedule ${text} pass`);
  return schedule;
}

function toEvent(field: string, tickMs: number, after: Position): SourceEvent {
  const bson = serialize({ [field]: new Date(tickMs) });
  return { bson, after, origin: { source: { type: "generated" }, timeMs: tickMs } };
}

/** Numbers may come as any that BSON has. */
function toTicks({ tickMs, pauses = [] }: Position): TickPosition {
  return {
    tickMs: Number(tickMs),
    pauses: pauses.map(({ fromMs, toMs }) => ({
      fromMs: Number(fromMs),
      ...(toMs === undefined ? {} : { toMs: Number(toMs) }),
    })),
  };
}

function fromTicks({ tickMs, pauses }: TickPosition): Position {
  return pauses.length === 0 ? { tickMs } : { tickMs, pauses };
}
