import { AspError, isAspError } from "../../../diagnostics/asp-error.ts";
import type { Definition } from "../../../stages/definition.ts";
import { textOfRefusal } from "../../text-of-refusal.ts";
import type { WireTenant } from "../wire-tenant.ts";

/** Documented in docs/errors/ASP5192.md. */
const definitionRefused = "ASP5192";

/** Runs what may refuse a definition; the refusal begins with the service's own words, where some are known. */
export async function explainRefusal<Result>(
  tenant: WireTenant,
  definition: Definition,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isAspError(error) || error.code !== definitionRefused) throw error;
    throw new AspError(error.code, textOfRefusal(tenant, definition, error), { cause: error });
  }
}
