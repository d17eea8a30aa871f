import { startTestMongod } from "../run/test-mongod.ts";
import type { TestMongod } from "../run/test-mongod.ts";
import { ownEnv } from "./own-env.ts";

/**
 * One mongod for all specifications of a process. It cannot belong to any of them, so it is the one thing that a module
 * holds: started by the first run, used by one run at a time, and stopped when nobody has asked for it for a while, so that
 * a process whose tests forget to dispose of it ends all the same.
 */
let running: Promise<TestMongod> | undefined;
let queue: Promise<unknown> = Promise.resolve();
let idle: NodeJS.Timeout | undefined;

const idleMs = 2000;

/** Runs `work` with the shared mongod, after all earlier calls are done. */
export function withSharedMongod<Result>(work: (mongod: TestMongod) => Promise<Result>): Promise<Result> {
  const turn = queue.then(async () => {
    clearTimeout(idle);
    running ??= startTestMongod({ env: ownEnv });
    try {
      return await work(await running);
    } catch (error) {
      // After a failure it may be a mongod that has died; the next run starts another.
      await stop();
      throw error;
    } finally {
      idle = setTimeout(() => void stop(), idleMs);
      idle.unref();
    }
  });
  queue = turn.catch(() => undefined);
  return turn;
}

/** Stops it if it runs, after the run that uses it now; the next use starts it again. */
export function stopSharedMongod(): Promise<void> {
  const turn = queue.then(stop);
  queue = turn.catch(() => undefined);
  return turn;
}

async function stop(): Promise<void> {
  const mongod = running;
  running = undefined;
  clearTimeout(idle);
  await mongod?.then((one) => one[Symbol.asyncDispose]()).catch(() => undefined);
}
