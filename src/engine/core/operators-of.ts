import type { ProcessorPlan } from "./plan.ts";
import type { SourcePlan } from "./plan-source.ts";
import type { SinkPlan } from "./plan-sink.ts";
import type { Step } from "./plan-steps.ts";

/** The operators of a processor, source first, and which place in the list each part of a flow has. */
export interface Operators {
  readonly names: readonly string[];
  readonly places: {
    /** The first step before a window, or of all where there is none; the others follow. */
    readonly steps: number;
    readonly window: number;
    /** The first step after a window. */
    readonly after: number;
    readonly sink: number;
  };
}

/**
 * Names what a processor is made of as `operatorStats` does: after the pattern of `KafkaConsumerOperator`, `ValidateOperator` and
 * `KafkaEmitOperator`, which are the only names that are documented (asp-language 8.4). Stages that run in one aggregate are one operator.
 */
export function operatorsOf({ source, steps, windowed, sink }: ProcessorPlan): Operators {
  const window = windowed === undefined ? [] : [nameOf(windowed.window.operator)];
  const after = windowed?.after ?? [];
  const names = [nameOfSource(source), ...steps.map(nameOfStep), ...window, ...after.map(nameOfStep), nameOfSink(sink)];
  const windowAt = steps.length + 1;
  return { names, places: { steps: 1, window: windowAt, after: windowAt + 1, sink: names.length - 1 } };
}

function nameOfStep(step: Step): string {
  if (step.kind === "validate") return "ValidateOperator";
  if (step.kind === "operator") return nameOf(step.operator);
  return step.stages.map((stage) => nameOf(Object.keys(stage)[0] ?? "")).join("+");
}

/** `$addFields` → `AddFieldsOperator`. */
function nameOf(operator: string): string {
  const word = operator.replace(/^\$/, "");
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}Operator`;
}

function nameOfSource({ kind }: SourcePlan): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}ConsumerOperator`;
}

function nameOfSink(sink: SinkPlan): string {
  switch (sink.kind) {
    case "merge":
      return "MergeOperator";
    case "kafka":
      return "KafkaEmitOperator";
    case "timeSeries":
      return "TimeSeriesEmitOperator";
    case "capture":
      return `${sink.target.charAt(0).toUpperCase()}${sink.target.slice(1)}EmitOperator`;
    case "iceberg":
      return "IcebergOperator";
    case "operator":
      return nameOf(sink.operator);
    case "none":
      return "NoOperator";
  }
}
