import { setImmediate as turn } from "node:timers/promises";
import { hasLoop } from "../../loader/has-loop.ts";
import { hearUncaught } from "../../loader/hear-uncaught.ts";
import { untilStalled } from "../../loader/until-stalled.ts";
import type { Stall } from "../../loader/until-stalled.ts";
import type { ModuleWatch } from "../../loader/watch-modules.ts";

/** Milliseconds that a module may take to load, to make its list, or from one document to the next. */
const timeLimit = 10_000;

/** Runs pieces of a fixture module's work, each of which comes to an end. */
export interface GuardedWork {
  /** @throws Error in words for the author where the work waits or runs without an end; what the work itself throws. */
  readonly run: <Value>(work: () => Value | Promise<Value>) => Promise<Value>;
  /** The same, and throws what nobody has caught meanwhile. */
  readonly load: <Value>(work: () => Value | Promise<Value>) => Promise<Value>;
  readonly close: () => void;
}

/** Watches the work of a module with this code, until `close`. `limit` is in milliseconds. */
export async function guardWork(code: string, limit = timeLimit): Promise<GuardedWork> {
  const watch = hasLoop(code) ? await watched(limit) : undefined;
  const run: GuardedWork["run"] = async (work) => {
    watch?.begin();
    // In a turn of its own: what is ended takes along who has called it, and all that is due then.
    const working = (watch === undefined ? Promise.resolve() : turn()).then(work);
    const outcome = working.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const [settled] = await untilStalled([outcome], limit);
    if (settled === undefined || !("value" in settled)) throw stalled(settled?.stall ?? limit, watch);
    if ("error" in settled.value) throw settled.value.error;
    return settled.value.value;
  };
  return {
    run,
    async load(work) {
      const hearing = hearUncaught();
      try {
        const value = await run(work);
        const [lost] = await hearing.afterTurn();
        if (lost !== undefined) throw lost instanceof Error ? lost : new Error(`it rejects with ${String(lost)}`);
        return value;
      } finally {
        hearing.close();
      }
    },
    close: () => watch?.close(),
  };
}

async function watched(limit: number): Promise<ModuleWatch> {
  const { watchModules } = await import("../../loader/watch-modules.ts");
  return watchModules(limit);
}

function stalled(stall: Stall, watch: ModuleWatch | undefined): Error {
  if (watch?.takeEnded() !== undefined) return new Error("it runs without an end, and nothing has come of it");
  return new Error(
    stall === "idle" ? "it waits for what never comes" : `it waits, and nothing has come for ${stall / 1000} s`,
  );
}
