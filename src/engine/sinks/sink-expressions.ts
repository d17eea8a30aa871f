import type { Document } from "bson";
import { kafkaExpressions } from "../core/kafka/kafka-writing.ts";
import type { SinkPlan } from "../core/plan-sink.ts";
import { mergeExpressions } from "./merge-target.ts";

/** The expressions of a sink that each document answers for itself; `undefined` where everything is constant. */
export function sinkExpressions(plan: SinkPlan): Document | undefined {
  switch (plan.kind) {
    case "merge":
      return mergeExpressions(plan);
    case "kafka":
      return kafkaExpressions(plan);
    case "timeSeries":
    case "capture":
    case "operator":
      return undefined;
  }
}
