import { mayStart } from "./edit-processor.ts";
import { textOf } from "./normal-form.ts";
import type { Plan } from "./plan.ts";
import type { Remote } from "./remote.ts";

/** What of a workspace a plan was made from: nothing else moves it. */
export interface PlanScope {
  readonly processors: readonly string[];
  readonly connections: readonly string[];
}

/** The processors of the steps, by their former names too, and the connections that are made or changed. */
export function scopeOf({ steps }: Pick<Plan, "steps">): PlanScope {
  const processors = steps.flatMap((step) => {
    if (!("name" in step)) return [];
    return step.kind === "rename" && step.formerName !== undefined ? [step.name, step.formerName] : [step.name];
  });
  const connections = steps.flatMap((step) => ("connection" in step ? [step.connection] : []));
  return { processors: [...new Set(processors)].toSorted(), connections: [...new Set(connections)].toSorted() };
}

/**
 * A text that is another one when anything of a scope has changed that a plan stands on. What moves by itself is not in it: statistics,
 * error texts, the order in which the service lists.
 */
export function remoteText(remote: Remote, scope: PlanScope): string {
  const processors = scope.processors.map((name) => {
    const found = remote.processors.find((each) => each.name === name);
    if (found === undefined) return { name, missing: true };
    const { pipeline, tier, dlq, autoscaling, failoverEnabled, streamMetaFieldName } = found;
    // One that is starting has started by itself a moment later.
    const state = mayStart(found.state) ? found.state : "STARTED";
    return { name, pipeline, state, tier, dlq, autoscaling, failoverEnabled, streamMetaFieldName };
  });
  const connections = scope.connections.map((name) => {
    const found = remote.connections.find((each) => each.name === name);
    return found === undefined ? { name, missing: true } : { name, type: found.type, settings: found.settings };
  });
  return textOf({ processors, connections, defaults: remote.defaults });
}
