import { setTimeout as sleepFor } from "node:timers/promises";
import { AspError, isAspError } from "../../../diagnostics/asp-error.ts";
import type { CreateWorkspaceStep } from "../../plan/step.ts";
import type { Target } from "../../targets/target.ts";

export interface WorkspaceContext {
  readonly target: Target;
  readonly signal: AbortSignal;
  /** Between two looks at a workspace that is being made, in milliseconds; default 2 seconds. */
  readonly pauseMs?: number;
  /** How long one may take, in milliseconds; default 10 minutes. */
  readonly longestMs?: number;
}

/**
 * Makes the workspace where there is none, and waits until it answers: a new one is not found everywhere at once.
 *
 * @throws AspError ASP6065 where that takes too long, and what the target refuses
 */
export async function createWorkspace(
  { workspace, settings }: CreateWorkspaceStep,
  { target, signal, pauseMs = 2000, longestMs = 600_000 }: WorkspaceContext,
): Promise<void> {
  if ((await target.workspace()) === undefined) await target.createWorkspace(settings);
  const until = Date.now() + longestMs;
  while (!(await isReady(target))) {
    if (Date.now() >= until) {
      const seconds = Math.round(longestMs / 1000);
      throw new AspError("ASP6065", `the workspace \`${workspace}\` was made, and does not answer after ${seconds} s`, {
        help: "look at it in the service, then run the command again",
        retryable: true,
      });
    }
    await sleepFor(pauseMs, undefined, { signal });
  }
}

async function isReady(target: Target): Promise<boolean> {
  try {
    if ((await target.workspace()) === undefined) return false;
    await target.processors();
    return true;
  } catch (error) {
    // One part of the service knows it before the other does.
    if (isAspError(error) && error.code === "ASP6002") return false;
    throw error;
  }
}
