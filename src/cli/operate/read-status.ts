import type { Ownership } from "../../deploy/plan/desired.ts";
import type { ProcessorStats } from "../../deploy/targets/processor-stats.ts";
import type { Target } from "../../deploy/targets/target.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { inLanes } from "../../engine/in-lanes.ts";
import { findUnknown } from "./no-such-processor.ts";
import type { Workspace } from "./open-workspace.ts";
import { isOfPreview, type Whose } from "./read-whose.ts";

/** A workspace at one moment, as far as somebody who looks after it needs to know. */
export interface Status {
  readonly environment: string;
  /** Of a preview. */
  readonly suffix?: string;
  /** Of the target, for people. */
  readonly label: string;
  readonly ownership: Ownership["kind"];
  readonly processors: readonly ProcessorStatus[];
  /** Processors of the project that the workspace does not have. */
  readonly missing: readonly string[];
}

export interface ProcessorStatus extends ProcessorStats {
  /** True where it is this project's. */
  readonly isOwn: boolean;
  /** Whose else it is, where that is recorded. */
  readonly owner?: string;
}

export interface StatusQuestion extends Whose {
  /** Of these alone; none: of all of the workspace, or of the preview. */
  readonly names: readonly string[];
}

const statsAtOnce = 8;

/** Reads it once; a name that the workspace does not have is among the findings. */
export async function readStatus(
  workspace: Workspace,
  { names, projectNames, ownership }: StatusQuestion,
): Promise<{ readonly status: Status; readonly findings: readonly Finding[] }> {
  const { environment, target, suffix } = workspace;
  const isShown = ({ name }: ProcessorStats): boolean =>
    suffix === undefined || isOfPreview(name, { projectNames, ownership });
  const found = names.length === 0 ? (await target.allStats()).filter(isShown) : await statsOf(names, target);
  const there = new Set(found.map(({ name }) => name));
  const lacking = names.filter((name) => !there.has(name));
  return {
    status: {
      environment: environment.name,
      ...(suffix !== undefined && { suffix }),
      label: target.label,
      ownership: ownership.kind,
      processors: found.map((stats) => ({ ...stats, ...whose(stats.name, projectNames, ownership) })),
      missing: names.length === 0 ? [...projectNames].filter((name) => !there.has(name)) : [],
    },
    findings: await findUnknown(lacking, workspace),
  };
}

async function statsOf(names: readonly string[], target: Target): Promise<readonly ProcessorStats[]> {
  const found = await inLanes([...new Set(names)], { count: statsAtOnce }, (name) => target.stats(name));
  return found.filter((stats) => stats !== undefined);
}

function whose(
  name: string,
  projectNames: ReadonlySet<string>,
  ownership: Ownership,
): Pick<ProcessorStatus, "isOwn" | "owner"> {
  if (ownership.kind === "unrecorded") return { isOwn: projectNames.has(name) };
  const owner = ownership.others.get(name);
  return { isOwn: ownership.own.has(name), ...(owner !== undefined && { owner }) };
}
