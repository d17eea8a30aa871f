import { ownProcess } from "./own-process.ts";

/** Why something was given up: nothing was left that could end it, or so many milliseconds were over. */
export type Stall = "idle" | number;

export type Settled<Value> = { readonly value: Value } | { readonly stall: Stall };

/**
 * Waits for all of these at once, and gives up those that never come: at once where the process has nothing else to do (it would
 * end now, and silently), else after `timeLimit` milliseconds. They must not reject.
 */
export async function untilStalled<Value>(
  works: readonly Promise<Value>[],
  timeLimit: number,
): Promise<readonly Settled<Value>[]> {
  const { promise: stalled, resolve: stall } = deferred<Stall>();
  // In its own turn: the process goes on as soon as something is to be done.
  const onIdle = (): void => void setImmediate(() => stall("idle"));
  ownProcess.once("beforeExit", onIdle);
  // It must not keep the process, or nobody would ever see it idle.
  const timer = setTimeout(() => stall(timeLimit), timeLimit).unref();
  try {
    const given = stalled.then((stall): Settled<Value> => ({ stall }));
    return await Promise.all(works.map((work) => Promise.race([work.then((value) => ({ value })), given])));
  } finally {
    clearTimeout(timer);
    ownProcess.off("beforeExit", onIdle);
  }
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
