import { isAspError } from "../../diagnostics/asp-error.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { ApplyContext } from "./apply-context.ts";
import { doesNotRun, movedMeanwhile, StepFailed } from "./failures.ts";
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
  const input = await inputOf(name, context);
  // 0 is told, too: where the source has something, that is the first sign that nothing of it arrives.
  const isKnown = input !== undefined && inputBefore !== undefined && input >= inputBefore;
  return {
    outcome: "done",
    notes: seen === "unwatched" ? ["it was STARTED when it was last looked at"] : [],
    ...(isKnown && { input: input - inputBefore }),
  };
}

/** Before a start: what has never run has read nothing, whether there are statistics of it or not. */
export async function inputBeforeStart(
  { name, state }: Pick<RemoteProcessor, "name" | "state">,
  context: Pick<ApplyContext, "target">,
): Promise<number | undefined> {
  return state === "CREATED" ? 0 : inputOf(name, context);
}

/** Of the statistics; a deployment does not fail for them. */
async function inputOf(name: string, { target }: Pick<ApplyContext, "target">): Promise<number | undefined> {
  try {
    return (await target.stats(name))?.inputMessageCount;
  } catch (error) {
    if (isAspError(error)) return undefined;
    throw error;
  }
}

function failed(last: RemoteProcessor | undefined): StepFailed {
  const { name = "", state = "gone", error: reason } = last ?? {};
  return new StepFailed(doesNotRun({ processor: name }, { name, state, reason }));
}
