import { isAspError } from "../../diagnostics/asp-error.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { ProcessorStats } from "../targets/processor-stats.ts";
import type { ApplyContext } from "./apply-context.ts";
import { doesNotRun, movedMeanwhile, StepFailed } from "./failures.ts";
import { hasUnread } from "./has-unread.ts";
import type { StepEnd } from "./step-result.ts";
import { until } from "../until.ts";

export interface WatchOptions {
  /** How many reads in a row have to be good; default as the pace says. */
  readonly reads?: number;
  /** Documents that it had read before it was started; undefined where that is not known, and nothing is said of what it reads. */
  readonly inputBefore: number | undefined;
  /** It was FAILED before it was started: that state may still be shown for a moment. */
  readonly wasFailed?: boolean;
}

/**
 * Looks at a processor that was started until it has run for a while, or has failed.
 *
 * @throws StepFailed ASP6046; AspError ASP6042 where somebody stopped or dropped it meanwhile
 */
export async function watchStart(
  name: string,
  context: ApplyContext,
  { reads = context.pace.watch.reads, inputBefore, wasFailed = false }: WatchOptions,
): Promise<StepEnd> {
  const { target, pace, pause, stopping } = context;
  let [good, bad, hasRun] = [0, 0, false];
  let last: RemoteProcessor | undefined;
  const look = async (): Promise<"runs" | "unwatched" | undefined> => {
    last = await target.processor(name);
    if (last === undefined) throw movedMeanwhile(`\`${name}\``, "it is gone");
    const { state, error } = last;
    if (state === "FAILED") {
      bad += 1;
      if (hasRun || !wasFailed || bad >= reads) throw failed(last);
    }
    if (hasRun && state === "STOPPED") throw movedMeanwhile(`\`${name}\``, "it was stopped");
    if (state !== "STARTED") good = 0;
    else {
      hasRun = true;
      // One that is started again and again shows why beside its state.
      good = error === undefined ? good + 1 : 0;
      if (stopping.aborted) return "unwatched";
    }
    return good >= reads ? "runs" : undefined;
  };
  const seen = await until(look, pace.watch, pause);
  if (seen === undefined) throw failed(last);
  let stats = await statsOf(name, context);
  let input = inputSince(inputBefore, stats);
  if (seen === "unwatched") return { outcome: "done", notes: ["it was STARTED when it was last looked at"], ...input };
  let isLeft = await hasLeft(last, input, stats, context);
  if (isLeft) {
    // An event may have come a moment ago: only what lies there for a whole pause is left unread.
    await pause(pace.watch.pauseMs);
    stats = await statsOf(name, context);
    input = inputSince(inputBefore, stats);
    isLeft = !stopping.aborted && (await hasLeft(last, input, stats, context));
  }
  return { outcome: "done", notes: isLeft ? [nothingRead] : [], ...input };
}

const nothingRead = "its source has events for it and it has read none: look at `asp status` and its connection";

/** 0 is told, too; nothing where it is not known. */
function inputSince(before: number | undefined, stats: ProcessorStats | undefined): Pick<StepEnd, "input"> {
  const now = stats?.inputMessageCount;
  return now !== undefined && before !== undefined && now >= before ? { input: now - before } : {};
}

async function hasLeft(
  processor: RemoteProcessor | undefined,
  { input }: Pick<StepEnd, "input">,
  stats: ProcessorStats | undefined,
  context: ApplyContext,
): Promise<boolean> {
  return input === 0 && processor !== undefined && stats !== undefined && (await hasUnread(processor, stats, context));
}

/** Before a start: what has never run has read nothing, whether there are statistics of it or not. */
export async function inputBeforeStart(
  { name, state }: Pick<RemoteProcessor, "name" | "state">,
  context: Pick<ApplyContext, "target">,
): Promise<number | undefined> {
  return state === "CREATED" ? 0 : (await statsOf(name, context))?.inputMessageCount;
}

/** A deployment does not fail for statistics. */
async function statsOf(name: string, { target }: Pick<ApplyContext, "target">): Promise<ProcessorStats | undefined> {
  try {
    return await target.stats(name);
  } catch (error) {
    if (isAspError(error)) return undefined;
    throw error;
  }
}

function failed(last: RemoteProcessor | undefined): StepFailed {
  const { name = "", state = "gone", error: reason } = last ?? {};
  return new StepFailed(doesNotRun({ processor: name }, { name, state, reason }));
}
