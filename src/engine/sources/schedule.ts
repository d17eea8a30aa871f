import { parseSchedule } from "../../compiler/parse-schedule.ts";
import { nextTick } from "../core/next-tick.ts";
import type { SchedulePlan } from "../core/plan-source.ts";
import type { EngineContext } from "../engine-context.ts";
import type { PullSource } from "./pull-source.ts";
import { createTickSource } from "./ticks.ts";

/** Delivers a document with nothing but its time for each tick of a cron schedule. Source: asp-language section 1.1.7. */
export function createScheduleSource(plan: SchedulePlan, context: Pick<EngineContext, "now">): PullSource {
  const schedule = parseSchedule(plan.schedule);
  if (schedule === undefined) throw new Error(`the compiler has let the schedule ${plan.schedule} pass`);
  return createTickSource(
    {
      next: (afterMs) => nextTick(schedule, afterMs),
      document: (tickMs) => ({ [plan.tsFieldName]: new Date(tickMs) }),
    },
    context,
  );
}
