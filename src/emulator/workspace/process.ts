import type { EngineOptions } from "../../engine/engine.ts";
import type { ProcessorStates } from "../../engine/processor-state.ts";
import { startEngine } from "../../engine/start-engine.ts";
import type { Definition } from "../../stages/definition.ts";
import { createSampler, type Sample } from "./sampler.ts";

/** A pipeline that runs for whoever looks at it, and leaves nothing behind. */
export interface Process extends Sample {
  readonly name: string;
  /** Why it ended by itself, where it FAILED. */
  readonly error: Error | undefined;
  /** Ends it, as an interrupt of the shell does: what waits is dropped. */
  close(): Promise<void>;
  /** Resolves once it has ended, and all that it kept is gone. */
  readonly ended: Promise<void>;
}

/** What every name of such a pipeline begins with. */
export const temporaryName = "asp-process-";

/** Source: asp-language 7.3. */
const mostMs = 10 * 60 * 1000;
const lookEveryMs = 250;

export interface ProcessOptions {
  readonly engineOptions: EngineOptions;
  readonly workspaceName: string;
  readonly states: Pick<ProcessorStates, "drop">;
  /** Engine time: ten minutes of it are the limit. */
  readonly clock: () => number;
}

/** Starts it. Rejects with AspError where it cannot start. */
export async function startProcess(definition: Definition, options: ProcessOptions): Promise<Process> {
  const { engineOptions, workspaceName, states, clock } = options;
  const startedAtMs = clock();
  const sampler = createSampler({ workspaceName, waits: true, now: clock });
  let error: Error | undefined;
  let isEnding = false;
  const engine = await startEngine([definition], {
    ...engineOptions,
    eachChange: true,
    onWritten: sampler.offer,
    onState: (stats) => {
      if (stats.state === "FAILED") error = stats.error;
    },
  });

  let onEnded: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    onEnded = resolve;
  });
  const end = async (discard: boolean): Promise<void> => {
    if (isEnding) return ended;
    isEnding = true;
    clearInterval(timer);
    sampler.end({ discard });
    await engine.kill();
    await states.drop(definition.name).catch(() => undefined);
    onEnded();
  };
  const look = (): void => {
    if (clock() - startedAtMs >= mostMs) void end(false);
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  void engine.ended.then(() => end(false));

  if (error !== undefined) {
    await end(true);
    throw error;
  }
  return {
    name: definition.name,
    get error() {
      return error;
    },
    get isOver() {
      return sampler.isOver;
    },
    take: (most) => {
      look();
      return sampler.take(most);
    },
    close: () => end(true),
    ended,
  };
}
