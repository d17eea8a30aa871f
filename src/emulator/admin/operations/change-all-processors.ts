import type { Static } from "@sinclair/typebox";
import type { Tenant } from "../../project-types.ts";
import type { tenantUpdate } from "../schemas/tenant.ts";
import { ApiError } from "../http/api-error.ts";
import { invalidAttribute } from "./demand.ts";

type ProcessorStatus = NonNullable<Static<typeof tenantUpdate>["processorStatus"]>;

/**
 * Starts or stops all processors of a workspace. GRACEFUL, the default, gives up at the first that does not stop; FORCED goes on, and gives
 * up the checkpoints. Source: asp-control-plane 1.2.
 */
export async function changeAllProcessors(
  { workspace }: Tenant,
  { status, mode = "GRACEFUL", region }: ProcessorStatus,
): Promise<void> {
  if (status === "FAILED_OVER") {
    if (region === undefined) throw invalidAttribute("processorStatus.region", "a failover names a region");
    throw new ApiError(400, "INVALID_ATTRIBUTE", "The emulator has one region: there is none to fail over to.", {
      parameters: ["processorStatus.status"],
    });
  }
  const named = workspace.list().filter(({ state }) => (state === "STARTED") === (status === "STOPPED"));
  for (const { name } of named) {
    if (status === "STARTED") {
      await workspace.start(name);
    } else if (mode === "GRACEFUL") {
      await workspace.stop(name);
    } else {
      await workspace.stop(name).catch(() => undefined);
      await workspace.modify(name, { resumeFromCheckpoint: false }).catch(() => undefined);
    }
  }
}
