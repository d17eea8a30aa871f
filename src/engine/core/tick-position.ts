/**
 * How far a source that goes by the clock has been handled, in milliseconds since the epoch. Ticks within a pause were missed by a processor that its user
 * had stopped: they do not come. Those that a crash missed do. Source: asp-language section 1.1.7.
 */
export interface TickPosition {
  /** The last tick that has been handled, or the time at which the processor began. */
  readonly tickMs: number;
  readonly pauses: readonly Pause[];
}

/** From after `fromMs` up to `toMs`; without an end, the processor is still stopped. */
export interface Pause {
  readonly fromMs: number;
  readonly toMs?: number;
}

/** The first tick after a time, both in milliseconds since the epoch; `undefined` where none will come. */
export type NextTick = (afterMs: number) => number | undefined;

/** The position after the next tick; `undefined` where none will come. */
export function afterNextTick(nextTick: NextTick, { tickMs, pauses }: TickPosition): TickPosition | undefined {
  let next = nextTick(tickMs);
  for (let pause = pauseAt(pauses, next); pause !== undefined; pause = pauseAt(pauses, next)) {
    next = pause.toMs === undefined ? undefined : nextTick(pause.toMs);
  }
  if (next === undefined) return undefined;
  const reached = next;
  return { tickMs: reached, pauses: pauses.filter(({ toMs }) => toMs === undefined || toMs > reached) };
}

function pauseAt(pauses: readonly Pause[], atMs: number | undefined): Pause | undefined {
  return atMs === undefined
    ? undefined
    : pauses.find(({ fromMs, toMs }) => fromMs < atMs && (toMs === undefined || atMs <= toMs));
}

/** The processor was stopped by its user. */
export function pausedAt(position: TickPosition, nowMs: number): TickPosition {
  return { ...position, pauses: [...position.pauses, { fromMs: nowMs }] };
}

/** It goes on. After a crash nothing says that it was stopped, and every tick comes. */
export function resumedAt(position: TickPosition, nowMs: number): TickPosition {
  const pauses = position.pauses.map(({ fromMs, toMs = nowMs }) => ({ fromMs, toMs }));
  return { ...position, pauses: pauses.filter(({ fromMs, toMs }) => toMs > fromMs && toMs > position.tickMs) };
}
