import type { Schedule } from "../../compiler/parse-schedule.ts";

const secondMs = 1000;
const dayMs = 24 * 60 * 60 * secondMs;
/** 29 February on a given weekday comes again after 40 years at the latest: beyond that lies nothing. */
const horizonYears = 41;

/**
 * The first tick of a schedule after a time, both in milliseconds since the epoch. Where day of month and day of week are both
 * restricted, both must match. Source: asp-language section 1.1.7.
 *
 * @returns `undefined` for a schedule without a further tick, as on 30 February
 */
export function nextTick(schedule: Schedule, afterMs: number): number | undefined {
  const fromMs = Math.floor(afterMs / secondMs) * secondMs + secondMs;
  const inDay = nextInDay(schedule, fromMs);
  if (inDay !== undefined) return inDay;
  const first = new Date(fromMs);
  const lastYear = first.getUTCFullYear() + horizonYears;
  for (let dayStartMs = startOfDay(fromMs) + dayMs; ;) {
    const day = new Date(dayStartMs);
    if (!(day.getUTCFullYear() <= lastYear)) return undefined;
    if (!schedule.months.has(day.getUTCMonth() + 1)) {
      dayStartMs = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1);
      continue;
    }
    const found = nextInDay(schedule, dayStartMs);
    if (found !== undefined) return found;
    dayStartMs += dayMs;
  }
}

/** The first tick at `fromMs` or after it, on the same day. */
function nextInDay({ months, days, weekdays, hours, minutes, seconds }: Schedule, fromMs: number): number | undefined {
  const from = new Date(fromMs);
  if (!months.has(from.getUTCMonth() + 1) || !days.has(from.getUTCDate()) || !weekdays.has(from.getUTCDay())) {
    return undefined;
  }
  const start = [from.getUTCHours(), from.getUTCMinutes(), from.getUTCSeconds()] as const;
  for (let hour = start[0]; hour < 24; hour += 1) {
    if (!hours.has(hour)) continue;
    const isFirstHour = hour === start[0];
    for (let minute = isFirstHour ? start[1] : 0; minute < 60; minute += 1) {
      if (!minutes.has(minute)) continue;
      for (let second = isFirstHour && minute === start[1] ? start[2] : 0; second < 60; second += 1) {
        if (seconds.has(second)) return startOfDay(fromMs) + ((hour * 60 + minute) * 60 + second) * secondMs;
      }
    }
  }
  return undefined;
}

function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}
