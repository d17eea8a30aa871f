import { setTimeout as sleep } from "node:timers/promises";
import { serialize, type Document } from "bson";
import { afterNextTick, pausedAt, resumedAt, type NextTick, type TickPosition } from "../core/tick-position.ts";
import type { EngineContext } from "../engine-context.ts";
import type { Batch, Position, SourceEvent } from "./batch.ts";
import type { PullSource } from "./pull-source.ts";

const batchSize = 1000;
/** So long a look at the clock may be off; the engine's clock need not be the wall's. */
const lookMs = 250;

/** What is delivered, and when. */
export interface Ticks {
  readonly next: NextTick;
  /** Of one tick, in milliseconds since the epoch. */
  readonly document: (tickMs: number) => Document;
}

/**
 * Delivers a document for each tick that the engine's clock has passed since the start, in order; while there is none, an empty batch.
 * A clock that goes back brings no tick again.
 *
 * A crash misses no tick: those since the checkpoint come. Those of the time in which the user had stopped the processor do not.
 */
export function createTickSource({ next: nextTick, document }: Ticks, { now }: Pick<EngineContext, "now">): PullSource {
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
    let next = afterNextTick(nextTick, reached);
    try {
      while (!signal.aborted) {
        const untilMs = now();
        const events: SourceEvent[] = [];
        while (next !== undefined && next.tickMs <= untilMs && events.length < batchSize) {
          reached = next;
          position = fromTicks(reached);
          events.push(toEvent(document, reached.tickMs, position));
          next = afterNextTick(nextTick, reached);
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
        const next = afterNextTick(nextTick, toTicks(position));
        return next === undefined || next.tickMs > untilMs;
      };
    },
    atStop: (position) => fromTicks(pausedAt(toTicks(position), now())),
    resume: (position) => fromTicks(resumedAt(toTicks(position), now())),
    stored: async () => undefined,
    close: async () => undefined,
  };
}

function toEvent(document: Ticks["document"], tickMs: number, after: Position): SourceEvent {
  const bson = serialize(document(tickMs));
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
