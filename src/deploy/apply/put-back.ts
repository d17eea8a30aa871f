import type { Change } from "../plan/change.ts";
import { mayStart } from "../plan/edit-processor.ts";
import { judgeModify } from "../plan/judge-modify.ts";
import { toDefinition } from "../plan/processor-text.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import type { ApplyContext } from "./apply-context.ts";
import { stopProcessor } from "./await-state.ts";
import { describeMove } from "./expect-unchanged.ts";
import { movedMeanwhile } from "./failures.ts";
import { startProcessor } from "./start-processor.ts";
import { watchStart } from "./watch-start.ts";

/** A processor and the change of it that failed. */
export interface Changed {
  /** What the change was to call it. */
  readonly name: string;
  readonly before: RemoteProcessor;
  /** The change, where it was made, gave up the checkpoint: then no way back brings it again. */
  readonly discards: boolean;
}

/**
 * Makes of a processor again what it was before a change that failed, and starts it where it ran.
 *
 * @returns what was done, for people
 */
export async function putBack({ name, before, discards }: Changed, context: ApplyContext): Promise<readonly string[]> {
  const { target, tell } = context;
  const wasRunning = !mayStart(before.state);
  const now = (await target.processor(name)) ?? (await target.processor(before.name));
  if (now === undefined) throw movedMeanwhile(`\`${name}\``, "it is gone");
  tell(`${before.name}: putting it back to what it was`);
  const isSame = describeMove(before, { ...now, state: before.state }) === undefined;
  const change = isSame ? undefined : toReverse(now, before);
  if (!mayStart(now.state) && (change !== undefined || !wasRunning)) await stopProcessor(now.name, context);
  if (change !== undefined) await target.modify(now.name, change);
  const beginsAnew = change?.resumeFromCheckpoint === false;
  if (wasRunning) {
    const { state } = (await target.processor(before.name)) ?? before;
    if (mayStart(state)) {
      await startProcessor(before.name, context, beginsAnew ? { resumeFromCheckpoint: false } : {});
      await watchStart(before.name, context, { reads: 1, inputBefore: 0 });
    }
  }
  return [
    wasRunning ? "it runs again as it was before" : `it is as it was before, ${before.state}`,
    ...(beginsAnew
      ? ["its checkpoint could not be kept: it goes on from where its `$source` begins"]
      : discards && change !== undefined
        ? ["the change had given up its checkpoint, which does not come back"]
        : []),
  ];
}

/** All of it, since it is not known how far the change came. */
function toReverse(now: RemoteProcessor, before: RemoteProcessor): Change {
  const { tier, autoscaling, failoverEnabled, dlq = null, pipeline } = before;
  const { effect } = judgeModify(toDefinition(now), toDefinition(before));
  return {
    ...(now.name !== before.name && { name: before.name }),
    pipeline,
    ...((before.dlq !== undefined || now.dlq !== undefined) && { dlq }),
    ...(tier !== undefined && { tier }),
    ...(autoscaling && { autoscaling }),
    ...(failoverEnabled !== undefined && { failoverEnabled }),
    resumeFromCheckpoint: effect === "keeps",
  };
}
