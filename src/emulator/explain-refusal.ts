import { isAspError, type AspError } from "../diagnostics/asp-error.ts";
import type { Definition } from "../stages/definition.ts";
import { textOfRefusal } from "./text-of-refusal.ts";

/** Documented in docs/errors/ASP5192.md. */
const definitionRefused = "ASP5192";

/**
 * Runs what may refuse a definition. The refusal begins with the service's own words, where some are known, since clients look for them.
 *
 * @param toError the refusal in the form of the door that it goes through
 */
export async function explainRefusal<Result>(
  tenant: Parameters<typeof textOfRefusal>[0],
  definition: Definition,
  run: () => Promise<Result>,
  toError: (text: string, refusal: AspError) => Error,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isAspError(error) || error.code !== definitionRefused) throw error;
    throw toError(textOfRefusal(tenant, definition, error), error);
  }
}
