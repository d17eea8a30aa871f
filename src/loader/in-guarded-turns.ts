import { setImmediate as turn } from "node:timers/promises";
import { untilStalled } from "./until-stalled.ts";
import { watchModules } from "./watch-modules.ts";

/** What became of a piece of work; `ended`: it ran without an end. */
export type Guarded<Value> = { readonly value: Value } | { readonly ended: true };

/**
 * Does one piece of work after the other, an author's code among them, each in a turn of its own: what holds the thread for `timeLimit`
 * milliseconds is ended, and the others are done all the same.
 */
export async function inGuardedTurns<Value>(
  works: readonly (() => Value)[],
  timeLimit: number,
): Promise<readonly Guarded<Value>[]> {
  const watch = watchModules(timeLimit);
  const done: Guarded<Value>[] = [];
  const start = async (work: () => Value): Promise<() => Value> => {
    await turn();
    watch.begin();
    try {
      const value = work();
      return () => value;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };
  try {
    for (const work of works) {
      const looking = lookFor(() => watch.takeEnded() !== undefined);
      try {
        const [settled] = await untilStalled([Promise.race([start(work), looking.found])], 2 * timeLimit);
        const give = settled !== undefined && "value" in settled ? settled.value : undefined;
        done.push(give === undefined ? { ended: true } : { value: give() });
      } finally {
        looking.close();
      }
    }
    return done;
  } finally {
    watch.close();
  }
}

const lookEveryMs = 50;

/** Who waits for what was ended waits in vain. */
function lookFor(isOver: () => boolean): { readonly found: Promise<undefined>; close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const found = new Promise<undefined>((resolve) => {
    timer = setInterval(() => {
      if (isOver()) resolve(undefined);
    }, lookEveryMs).unref();
  });
  return { found, close: () => clearInterval(timer) };
}
