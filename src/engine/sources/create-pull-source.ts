import type { SourcePlan } from "../core/plan-source.ts";
import type { EngineContext } from "../engine-context.ts";
import { createDocumentsSource } from "./documents.ts";
import { createKafkaSource } from "./kafka.ts";
import type { PullSource } from "./pull-source.ts";
import { createSampleSource } from "./sample.ts";
import { createScheduleSource } from "./schedule.ts";

/** The source of a plan, unless it is a change stream, which processors share. */
export function createPullSource(plan: SourcePlan, context: EngineContext): PullSource | undefined {
  switch (plan.kind) {
    case "changeStream":
      return undefined;
    case "documents":
      return createDocumentsSource(plan, context.runner());
    case "kafka":
      return createKafkaSource(plan, context);
    case "sample":
      return createSampleSource(context);
    case "schedule":
      return createScheduleSource(plan, context);
  }
}
