import { setTimeout as sleep } from "node:timers/promises";
import type { RemoteProcessor } from "../../deploy/plan/remote.ts";
import type { Target } from "../../deploy/targets/target.ts";

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
  { state, steadyMs, timeoutMs, signal, pollMs = 500 }: AwaitStateOptions,
): Promise<Awaited> {
  const startedAt = performance.now();
  let since: number | undefined;
  for (;;) {
    const found: RemoteProcessor | undefined = await target.processor(name);
    const now = performance.now();
    if (found === undefined) return { kind: "failed", state: "DROPPED", reason: "somebody has deleted it meanwhile" };
    if (found.state === "FAILED") {
      return { kind: "failed", state: found.state, reason: found.error ?? "the service does not say why" };
    }
    // One that is started again and again shows why beside its state.
    if (found.state === state && (state === "STOPPED" || found.error === undefined)) {
      since ??= now;
      if (now - since >= steadyMs) return { kind: "reached", state };
    } else since = undefined;
    if (now - startedAt > timeoutMs) return { kind: "late", state: found.state };
    await sleep(pollMs, undefined, { signal });
  }
}
