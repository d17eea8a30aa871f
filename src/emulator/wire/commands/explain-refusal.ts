import { AspError } from "../../../diagnostics/asp-error.ts";
import type { Definition } from "../../../stages/definition.ts";
import { explainRefusal as explain } from "../../explain-refusal.ts";
import type { WireTenant } from "../wire-tenant.ts";

/** Runs what may refuse a definition, and refuses it in the service's words. */
export function explainRefusal<Result>(
  tenant: WireTenant,
  definition: Definition,
  run: () => Promise<Result>,
): Promise<Result> {
  return explain(tenant, definition, run, (text, cause) => new AspError(cause.code, text, { cause }));
}
