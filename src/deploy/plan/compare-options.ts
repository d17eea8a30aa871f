import type { Autoscaling, RemoteProcessor } from "./remote.ts";
import type { Change } from "./change.ts";
import type { Desired } from "./desired.ts";
import { isSame, textOf } from "./normal-form.ts";
import type { FieldChange } from "./step.ts";

/** What of a processor beside its pipeline is another, for people and for the change. */
export interface OptionsDifference {
  readonly fields: readonly FieldChange[];
  readonly change: Omit<Change, "name" | "pipeline" | "resumeFromCheckpoint">;
}

/**
 * Compares the options. The dead letter queue is the project's also where it has none; of everything else, what the project does not
 * mention stays as it is, and what the service adds is not looked at.
 */
export function compareOptions({ definition, tier }: Desired, remote: RemoteProcessor): OptionsDifference {
  const { dlq, autoscaling, failoverEnabled } = definition.options ?? {};
  const fields: FieldChange[] = [];
  const note = (field: string, before: unknown, after: unknown): void => {
    fields.push({
      field,
      ...(before !== undefined && { before: shown(before) }),
      ...(after !== undefined && { after: shown(after) }),
    });
  };
  const hasOtherDlq = !isSame(remote.dlq ?? null, dlq === undefined ? null : inOrder(dlq));
  if (hasOtherDlq) note("dlq", remote.dlq, dlq);
  const hasOtherTier = tier !== undefined && tier !== remote.tier;
  if (hasOtherTier) note("tier", remote.tier, tier);
  const hasOtherScaling = autoscaling !== undefined && !includes(remote.autoscaling, autoscaling);
  if (hasOtherScaling) note("autoscaling", remote.autoscaling, autoscaling);
  const hasOtherFailover = failoverEnabled !== undefined && failoverEnabled !== (remote.failoverEnabled ?? false);
  if (hasOtherFailover) note("failoverEnabled", remote.failoverEnabled ?? false, failoverEnabled);
  return {
    fields,
    change: {
      ...(hasOtherDlq && { dlq: dlq ?? null }),
      ...(hasOtherTier && { tier }),
      ...(hasOtherScaling && { autoscaling }),
      ...(hasOtherFailover && { failoverEnabled }),
    },
  };
}

/** The order of these three has no meaning. */
function inOrder({ connectionName, db, coll }: { connectionName: string; db: string; coll: string }): object {
  return { connectionName, db, coll };
}

function includes(remote: Autoscaling | undefined, wanted: Autoscaling): boolean {
  return (["enabled", "minTier", "maxTier"] as const).every(
    (field) => wanted[field] === undefined || wanted[field] === remote?.[field],
  );
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "coll" in value && "db" in value) {
    const { connectionName, db, coll } = value as { connectionName?: string; db: string; coll: string };
    return `${db}.${coll} of ${connectionName}`;
  }
  return textOf(value);
}
