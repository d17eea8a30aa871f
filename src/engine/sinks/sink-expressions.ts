import type { Document } from "bson";
import { operatorExpressions } from "../core/operator-expressions.ts";
import type { SinkPlan } from "../core/plan-sink.ts";
import { mergeExpressions } from "./merge-target.ts";

/** The expressions of a sink that each document answers for itself; `undefined` where everything is constant. */
export function sinkExpressions(plan: SinkPlan): Document | undefined {
  switch (plan.kind) {
    case "merge":
      return mergeExpressions(plan);
    case "operator":
      return operatorExpressions(plan.operator, plan.args);
    case "kafka":
    case "timeSeries":
    case "capture":
      return undefined;
  }
}
