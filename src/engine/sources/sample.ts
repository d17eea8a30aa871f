import { nextSolarTick, solarReading } from "../core/solar-panel.ts";
import type { EngineContext } from "../engine-context.ts";
import type { PullSource } from "./pull-source.ts";
import { createTickSource } from "./ticks.ts";

/** Delivers the service's sample data: readings of solar panels, by the engine's clock. Source: asp-language section 1.1.4. */
export function createSampleSource(context: Pick<EngineContext, "now">): PullSource {
  return createTickSource({ next: nextSolarTick, document: (tickMs) => ({ ...solarReading(tickMs) }) }, context);
}
