import { mayStart } from "./edit-processor.ts";
import type { RemoteProcessor } from "./remote.ts";
import type { Step } from "./step.ts";
import { toTierChange } from "./tier-change.ts";

/** A processor as it is deleted, and what is gone with it. */
export function toDelete({ name, state, tier }: RemoteProcessor, region: string | undefined): Step {
  const lost = state === "CREATED" ? [] : ["the position in `$source`, and open windows"];
  return {
    kind: "delete",
    name,
    state,
    lost,
    tier: toTierChange(mayStart(state) ? undefined : tier, undefined, region),
  };
}
