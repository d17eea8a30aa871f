import { isAspError } from "../../../diagnostics/asp-error.ts";
import type { Definition } from "../../../stages/definition.ts";
import type { Tenant } from "../../project-types.ts";
import { textOfRefusal } from "../../text-of-refusal.ts";
import { ApiError } from "../http/api-error.ts";

/** Documented in docs/errors/ASP5192.md. */
const definitionRefused = "ASP5192";

/** The wrapper of everything that the service's engine says. Source: asp-control-plane 1.7. */
export function processorFailed(name: string, text: string): ApiError {
  const detail = `Streams Processor with this name (${name}) had a problem occur: ${text}`;
  return new ApiError(400, "STREAM_PROCESSOR_GENERIC_ERROR", detail, { parameters: [name, text] });
}

/** Runs what may refuse a definition; the refusal begins with the service's text, where one is known, since clients look for it. */
export async function explainRefusal<Result>(
  tenant: Tenant,
  definition: Definition,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isAspError(error) || error.code !== definitionRefused) throw error;
    throw processorFailed(definition.name, textOfRefusal(tenant, definition, error));
  }
}
