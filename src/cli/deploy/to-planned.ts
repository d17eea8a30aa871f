import type { Environment } from "../../config/environment.ts";
import { digestParts, digestRemote } from "../../deploy/digest-remote.ts";
import type { Ownership } from "../../deploy/plan/desired.ts";
import type { Plan } from "../../deploy/plan/plan.ts";
import { scopeOf } from "../../deploy/plan/remote-text.ts";
import type { Remote } from "../../deploy/plan/remote.ts";
import type { Target } from "../../deploy/targets/target.ts";
import type { Planned } from "../make-plan.ts";

export interface PlannedFrom {
  readonly remote: Remote;
  readonly target: Target;
  readonly environment: Environment;
  readonly ownership: Ownership;
  /** Of a preview. */
  readonly suffix?: string | undefined;
}

/** A plan with what it was made for, and from. */
export function toPlanned(plan: Plan, { remote, target, environment, ownership, suffix }: PlannedFrom): Planned {
  const scope = scopeOf(plan);
  const { name, settings } = environment;
  return {
    plan,
    environment: name,
    label: target.label,
    ownership: ownership.kind,
    isOwnMissing:
      ownership.kind === "recorded" &&
      [...ownership.own].some((own) => !remote.processors.some((each) => each.name === own)),
    file: {
      environment: name,
      ...(suffix !== undefined && { suffix }),
      workspace: settings?.workspace ?? null,
      target: target.identity,
      scope,
      digest: digestRemote(remote, scope),
      parts: digestParts(remote, scope),
      steps: plan.steps,
    },
  };
}
