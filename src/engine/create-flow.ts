import type { Flow, FlowParts } from "./flow.ts";
import { createPlainFlow } from "./plain-flow.ts";
import { createWindowFlow } from "./windows/window-flow.ts";

/** Prepares what lies between source and sink. */
export function createFlow(parts: FlowParts): Flow {
  const { windowed } = parts.plan;
  return windowed === undefined ? createPlainFlow(parts) : createWindowFlow(parts, windowed);
}
