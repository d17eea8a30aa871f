import type { Definition } from "../../../stages/definition.ts";
import { explainRefusal as explain } from "../../explain-refusal.ts";
import type { Tenant } from "../../project-types.ts";
import { ApiError } from "../http/api-error.ts";

/** The wrapper of everything that the service's engine says. Source: asp-control-plane 1.7. */
export function processorFailed(name: string, text: string): ApiError {
  const detail = `Streams Processor with this name (${name}) had a problem occur: ${text}`;
  return new ApiError(400, "STREAM_PROCESSOR_GENERIC_ERROR", detail, { parameters: [name, text] });
}

/** Runs what may refuse a definition, and refuses it in the service's words. */
export function explainRefusal<Result>(
  tenant: Tenant,
  definition: Definition,
  run: () => Promise<Result>,
): Promise<Result> {
  return explain(tenant, definition, run, (text) => processorFailed(definition.name, text));
}
