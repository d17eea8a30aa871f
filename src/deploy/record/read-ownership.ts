import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Ownership } from "../plan/desired.ts";
import { openRecord } from "./open-record.ts";
import { resolveRecord } from "./resolve-record.ts";

export interface OwnershipOptions {
  readonly env: Variables;
  readonly signal: AbortSignal;
}

/**
 * Whose the processors of the environment's workspace are, as its record says.
 *
 * @throws AspError ASP6049 where the record cannot be read
 */
export async function readOwnership(
  environment: Environment,
  { env, signal }: OwnershipOptions,
): Promise<{ readonly ownership: Ownership; readonly findings: readonly Finding[] }> {
  const { place, findings } = resolveRecord(environment, env);
  if (place === undefined) return { ownership: { kind: "unrecorded" }, findings };
  await using record = openRecord(place, signal);
  return { ownership: await record.ownership(), findings };
}
