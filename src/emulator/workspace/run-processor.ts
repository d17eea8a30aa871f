import { setTimeout as sleep } from "node:timers/promises";
import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { pauseBeforeRetry, retryClassOf } from "../../engine/core/retry-class.ts";
import type { Engine, EngineOptions } from "../../engine/engine.ts";
import type { ProcessorDetails } from "../../engine/processor-details.ts";
import { stopWithinMs } from "../../engine/processor.ts";
import { startEngine } from "../../engine/start-engine.ts";
import { within } from "../../engine/within.ts";
import type { Definition } from "../../stages/definition.ts";

/** A processor of a workspace at work, in an engine of its own: started again after a failure that its user can put right. */
export interface Run {
  /** Resolves once it runs, or has failed for the first time. */
  readonly begun: Promise<void>;
  /** Undefined while there is no engine. */
  details(options?: { readonly countedOnly: boolean }): Promise<ProcessorDetails | undefined>;
  /** Resolves when the engine of this moment has handled everything that was written up to now. */
  caughtUp(): Promise<void>;
  /** Has its windows look at the clock. */
  tick(): Promise<void>;
  /** Resolves once it has written its checkpoint, or cannot within a few seconds. */
  stop(): Promise<void>;
  /** Leaves at once and writes nothing more. */
  kill(): Promise<void>;
}

export interface RunParts {
  readonly definition: Definition;
  readonly options: EngineOptions;
  readonly pausesMs: readonly number[] | undefined;
  /** It has failed; with `willRetry`, it is started again after a pause. */
  readonly onFailure: (error: AspError, willRetry: boolean) => void;
  /** It runs, for the first time or again. */
  readonly onRunning: () => void;
  /** An engine has ended, with what it counted. */
  readonly onEnded: (details: ProcessorDetails) => void;
}

export function startRun({ definition, options, pausesMs, onFailure, onRunning, onEnded }: RunParts): Run {
  const leaving = new AbortController();
  const failuresMs: number[] = [];
  let engine: Engine | undefined;
  let onBegun: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    onBegun = resolve;
  });
  const left = new Promise<void>((resolve) => leaving.signal.addEventListener("abort", () => resolve()));

  const end = async (ended: Engine, how: "stop" | "kill"): Promise<void> => {
    await ended[how]();
    // A kill may have overtaken a stop.
    if (engine !== ended) return;
    engine = undefined;
    const [details] = await ended.details({ countedOnly: true });
    if (details !== undefined) onEnded(details);
  };

  /** Runs it until it fails, and says why; undefined where it is to leave. */
  const attempt = async (): Promise<{ readonly error: AspError; readonly wasRunning: boolean } | undefined> => {
    let wasRunning = false;
    let fail: (error: AspError) => void = () => undefined;
    const failed = new Promise<AspError>((resolve) => {
      fail = resolve;
    });
    const onState: EngineOptions["onState"] = ({ state, error }) => {
      wasRunning ||= state === "STARTED";
      if (state === "FAILED" && error !== undefined) fail(error);
    };
    try {
      engine = await startEngine([definition], { ...options, onState });
    } catch (cause) {
      return { error: toAspError(definition.name, cause), wasRunning };
    }
    // Whoever left did not wait for it.
    if (leaving.signal.aborted) {
      await end(engine, "kill");
      return undefined;
    }
    const [stats] = engine.stats();
    if (stats?.state !== "FAILED") {
      onRunning();
      onBegun();
    }
    const error = await Promise.race([failed, left]);
    if (error === undefined) return undefined;
    await end(engine, "stop");
    return { error, wasRunning };
  };

  const run = async (): Promise<void> => {
    while (!leaving.signal.aborted) {
      const failure = await attempt();
      if (failure === undefined) return;
      failuresMs.push(Date.now());
      const { error, wasRunning } = failure;
      const pauseMs =
        retryClassOf(error, wasRunning) === "again" ? pauseBeforeRetry(failuresMs, Date.now(), pausesMs) : undefined;
      if (leaving.signal.aborted) return;
      onFailure(error, pauseMs !== undefined);
      onBegun();
      if (pauseMs === undefined) return;
      await sleep(pauseMs, undefined, { signal: leaving.signal }).catch(() => undefined);
    }
  };
  const running = run();

  const leave = async (how: "stop" | "kill"): Promise<void> => {
    leaving.abort();
    onBegun();
    const ending = async (): Promise<void> => {
      if (engine !== undefined) await end(engine, how);
      await running;
    };
    // A cluster or broker that does not answer holds up a start, too.
    await within(ending(), how === "kill" ? stopWithinMs : 2 * stopWithinMs);
  };

  return {
    begun,
    details: async (options) => (await engine?.details(options))?.[0],
    caughtUp: async () => {
      await engine?.caughtUp();
    },
    tick: async () => {
      await engine?.tick();
    },
    stop: () => leave("stop"),
    kill: () => leave("kill"),
  };
}

function toAspError(name: string, cause: unknown): AspError {
  if (isAspError(cause)) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new AspError("ASP5107", `\`${name}\` cannot start: ${text}`, { cause });
}
