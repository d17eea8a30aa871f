import type { Document } from "bson";
import type { OperatorSinkPlan } from "../core/plan-sink.ts";
import type { EngineContext } from "../engine-context.ts";
import { createOperator } from "../operators/create-operator.ts";
import type { OperatorInput } from "../operators/operator.ts";
import { createTransform } from "../transform.ts";
import type { Sink, SinkRefusal } from "./sink.ts";

/** A stage that sends each document somewhere, as the last one: what it gives back is not kept. */
export function createOperatorSink(plan: OperatorSinkPlan, context: EngineContext): Sink<OperatorInput> {
  const { as: _, ...args } = plan.args;
  const operator = createOperator(plan.operator, args, { ...context, createTransform });
  return {
    operator: plan.operator,
    prepare: operator.check,
    resolve: (documents) =>
      documents.map(({ document, values, stream }): OperatorInput => ({
        document,
        values: values ?? none,
        stream: stream ?? none,
      })),
    write: async (targets) => {
      if (targets.length === 0) return [];
      const outcomes = await operator.run(targets);
      return outcomes.flatMap((outcome, position): readonly SinkRefusal[] => {
        if (outcome.kind !== "refused") return [];
        const { reason, stream } = outcome;
        return [{ position, reason, ...(stream === undefined ? {} : { stream }) }];
      });
    },
    flush: async () => undefined,
    close: operator.close,
  };
}

const none: Document = {};
