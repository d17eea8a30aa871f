import type { At } from "../../diagnostics/finding.ts";
import { isRefusal, stepRefused, StepFailed } from "./failures.ts";
import type { Fault } from "./step-result.ts";

/** What is asked of the service, as a sentence says it: "create", "start". */
export interface Demanded {
  readonly name: string;
  readonly action: string;
  /** Default the processor of that name. */
  readonly at?: At;
  /** Whose it is where the service refuses. */
  readonly fault: Fault;
  /** Called before a refusal is told: it may be that somebody else was faster. Throws what is to be told instead. */
  readonly lookAgain?: () => Promise<unknown>;
}

/**
 * Asks the service for something, and tells its refusal by the name of what was refused.
 *
 * @throws StepFailed ASP6048 for a refusal; whatever else the target throws
 */
export async function demand(
  work: () => Promise<void>,
  { name, action, at = { processor: name }, fault, lookAgain }: Demanded,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await lookAgain?.();
    // Without who says it, which is the same for all.
    const said = error.message.replace(/^.*? refuses: /u, "");
    throw new StepFailed(stepRefused(at, { name, action, said }), { fault });
  }
}
