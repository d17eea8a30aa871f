import { AspError, isAspError } from "../../../diagnostics/asp-error.ts";
import type { Finding } from "../../../diagnostics/finding.ts";
import { connectionsOf } from "../../../engine/connections-of.ts";
import type { Definition } from "../../../stages/definition.ts";
import type { WireTenant } from "../wire-tenant.ts";

/**
 * Runs what may refuse a definition; a connection that there is not is refused with the service's own words first, since clients look for
 * them. Source: asp-control-plane 1.7.
 */
export async function explainRefusal<Result>(
  { connections }: WireTenant,
  definition: Definition,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isAspError(error) || !isAboutConnection(error.cause)) throw error;
    const ready = new Set(
      connections
        .list()
        .filter(({ state }) => state === "READY")
        .map(({ name }) => name),
    );
    const missing = namesIn(definition).find((name) => !ready.has(name));
    if (missing === undefined) throw error;
    const text = `connection named ${missing} does not exist. Check sp.listConnections() for those that do`;
    throw new AspError(error.code, `${text}: ${error.message}`, {
      ...(error.help === undefined ? {} : { help: error.help }),
      cause: error,
    });
  }
}

/** Documented in docs/errors/ASP4030.md. */
const unknownConnection = "ASP4030";

const isAboutConnection = (cause: unknown): boolean =>
  Array.isArray(cause) && (cause as readonly Finding[])[0]?.code === unknownConnection;

/** A pipeline that is refused may have any form. */
function namesIn(definition: Definition): readonly string[] {
  try {
    return connectionsOf(definition);
  } catch {
    return [];
  }
}
