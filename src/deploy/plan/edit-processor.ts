import { nameOf } from "../../compiler/project/resource.ts";
import type { Environment } from "../../config/environment.ts";
import type { Definition } from "../../stages/definition.ts";
import { compareOptions } from "./compare-options.ts";
import { compareStages } from "./compare-stages.ts";
import type { Desired } from "./desired.ts";
import { judgeModify } from "./judge-modify.ts";
import { isSame } from "./normal-form.ts";
import { toDefinition } from "./processor-text.ts";
import { readFlow } from "./read-flow.ts";
import type { RemoteProcessor } from "./remote.ts";
import type { EditStep, Step, Verdict } from "./step.ts";
import { toTierChange } from "./tier-change.ts";

export interface EditContext {
  readonly environment: Environment;
  /** Of the workspace, for prices. */
  readonly region: string | undefined;
  /** False where nothing is to be started that does not run. */
  readonly starts: boolean;
  readonly adopts: boolean;
  /** It is one that `asp rebuild` can make anew from the stored events. */
  readonly isProjection: boolean;
}

/** What turns a processor that is there into the one that is wanted: a rename where their names differ. */
export function editProcessor(desired: Desired, remote: RemoteProcessor, context: EditContext): Step {
  const { definition, tier } = desired;
  const { name } = definition;
  const { adopts, starts } = context;
  const isRenamed = name !== remote.name;
  const { fields, change } = compareOptions(desired, remote);
  const hasOtherPipeline = !isSame(remote.pipeline, definition.pipeline);
  const isRunning = !mayStart(remote.state);
  const base = {
    name,
    state: remote.state,
    adopts,
    tier: toTierChange(remote.tier, tier ?? remote.tier, context.region),
  };
  if (!isRenamed && !hasOtherPipeline && fields.length === 0) {
    if (!isRunning && starts) {
      return { kind: "start", ...base, ...(remote.error !== undefined && { error: remote.error }) };
    }
    return { kind: adopts ? "adopt" : "keep", ...base };
  }
  const verdict = judge(remote, definition, { ...context, isProjection: context.isProjection && hasOtherPipeline });
  const step: Omit<EditStep, "kind" | "formerName"> = {
    ...base,
    definition,
    change: {
      ...(isRenamed && { name }),
      ...(hasOtherPipeline && { pipeline: definition.pipeline }),
      ...change,
      resumeFromCheckpoint: verdict.checkpoint === "keeps",
    },
    stages: hasOtherPipeline ? compareStages(remote.pipeline, definition.pipeline) : [],
    options: fields,
    verdict,
    stops: isRunning,
    starts: isRunning || starts,
  };
  return isRenamed ? { kind: "rename", ...step, formerName: remote.name } : { kind: "edit", ...step };
}

/** States from which a processor is started; from any other it runs, or passes to one that runs. Source: asp-control-plane 1.5. */
export function mayStart(state: string): boolean {
  return state === "CREATED" || state === "STOPPED" || state === "FAILED";
}

function judge(
  remote: RemoteProcessor,
  definition: Definition,
  { environment, isProjection }: Pick<EditContext, "environment" | "isProjection">,
): Verdict {
  const { resumeFromCheckpoint = true } = definition.options ?? {};
  const { effect, rule, reason, lost } = judgeModify(toDefinition(remote), definition, { resumeFromCheckpoint });
  const { writes } = readFlow(definition, environment);
  const stored = writes?.kind === "collection" ? [nameOf(writes)] : [];
  if (effect !== "keeps") return { checkpoint: "discards", rule, reason, lost, rebuild: stored };
  const [outdated] = isProjection ? stored : [];
  return { checkpoint: "keeps", rule, reason, lost: [], rebuild: [], ...(outdated !== undefined && { outdated }) };
}
