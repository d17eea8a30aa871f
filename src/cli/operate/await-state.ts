import { setTimeout as sleepFor } from "node:timers/promises";
import type { Target } from "../../deploy/targets/target.ts";
import { until } from "../../deploy/until.ts";

export interface AwaitStateOptions {
  readonly state: "STARTED" | "STOPPED";
  /** So long it must have it without a break: one that fails has often been STARTED for a moment. */
  readonly steadyMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly pollMs?: number;
}

/** How it ended: as it was to be, FAILED, gone, or in another state when time was up. */
export type Awaited =
  | { readonly kind: "reached"; readonly state: string }
  | { readonly kind: "failed"; readonly state: string; readonly reason: string }
  | { readonly kind: "late"; readonly state: string };

/** Reads a processor until it has a state and keeps it, or has FAILED. States that nobody here knows pass by themselves. */
export async function awaitState(
  target: Target,
  name: string,
  { state: wanted, steadyMs, timeoutMs, signal, pollMs = 500 }: AwaitStateOptions,
): Promise<Awaited> {
  let [state, since] = ["", undefined as number | undefined];
  const look = async (): Promise<Awaited | undefined> => {
    const found = await target.processor(name);
    if (found === undefined) return { kind: "failed", state: "DROPPED", reason: "somebody has deleted it meanwhile" };
    state = found.state;
    if (state === "FAILED") {
      return { kind: "failed", state, reason: found.error ?? "the service does not say why" };
    }
    // One that is started again and again shows why beside its state.
    const isThere = state === wanted && (wanted === "STOPPED" || found.error === undefined);
    const now = performance.now();
    since = isThere ? (since ?? now) : undefined;
    return since !== undefined && now - since >= steadyMs ? { kind: "reached", state } : undefined;
  };
  const sleep = (ms: number): Promise<void> => sleepFor(ms, undefined, { signal });
  return (await until(look, { pauseMs: pollMs, longestMs: timeoutMs }, sleep)) ?? { kind: "late", state };
}
