import type { WindowedPlan } from "../core/plan.ts";
import type { Flow, FlowParts } from "../flow.ts";

/** Takes chunks through the stages around a window. */
export function createWindowFlow({ plan }: FlowParts, { window }: WindowedPlan): Flow {
  throw new Error(`${plan.name} has a ${window.operator}, which is not run yet: the compiler says so`);
}
