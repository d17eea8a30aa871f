import type { Document } from "bson";
import { kafkaExpressions } from "../core/kafka/kafka-writing.ts";
import { icebergExpressions } from "../core/iceberg/iceberg-expressions.ts";
import { operatorExpressions } from "../core/operator-expressions.ts";
import type { SinkPlan } from "../core/plan-sink.ts";
import { captureExpressions } from "./capture/create-capture-form.ts";
import { mergeExpressions } from "./merge-target.ts";
import { timeSeriesExpressions } from "./time-series.ts";

/** The expressions of a sink that each document answers for itself; `undefined` where everything is constant. */
export function sinkExpressions(plan: SinkPlan): Document | undefined {
  switch (plan.kind) {
    case "merge":
      return mergeExpressions(plan);
    case "kafka":
      return kafkaExpressions(plan);
    case "operator":
      return operatorExpressions(plan.operator, plan.args);
    case "timeSeries":
      return timeSeriesExpressions(plan);
    case "capture":
      return captureExpressions(plan);
    case "iceberg":
      return icebergExpressions(plan);
    case "none":
      return undefined;
  }
}
