import type { Environment } from "../../config/environment.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import type { Ownership } from "../../deploy/plan/desired.ts";
import { recordSettings } from "../../deploy/record/resolve-record.ts";
import { readOwnership } from "../../deploy/record/read-ownership.ts";
import type { ProcessorStats } from "../../deploy/targets/processor-stats.ts";
import type { Target } from "../../deploy/targets/target.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { inLanes } from "../../engine/in-lanes.ts";
import type { CommandContext } from "../context.ts";
import { findUnknown } from "./no-such-processor.ts";

/** A workspace at one moment, as far as somebody who looks after it needs to know. */
export interface Status {
  readonly environment: string;
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

export interface StatusQuestion {
  /** Of these alone; none: of all. */
  readonly names: readonly string[];
  readonly environment: Environment;
  /** Of the project. */
  readonly projectNames: ReadonlySet<string>;
  readonly ownership: Ownership;
}

const statsAtOnce = 8;

/** Reads it once; a name that the workspace does not have is among the findings. */
export async function readStatus(
  target: Target,
  { names, environment, projectNames, ownership }: StatusQuestion,
): Promise<{ readonly status: Status; readonly findings: readonly Finding[] }> {
  const found = names.length === 0 ? await target.allStats() : await statsOf(names, target);
  const there = new Set(found.map(({ name }) => name));
  const lacking = names.filter((name) => !there.has(name));
  return {
    status: {
      environment: environment.name,
      label: target.label,
      ownership: ownership.kind,
      processors: found.map((stats) => ({ ...stats, ...whose(stats.name, projectNames, ownership) })),
      missing: names.length === 0 ? [...projectNames].filter((name) => !there.has(name)) : [],
    },
    findings: await findUnknown(lacking, target),
  };
}

/** Where the record cannot be read from here, names decide: a look at the workspace does not fail for it. */
export async function ownershipOrNames(
  environment: Environment,
  { env: own, signal, progress, cwd }: CommandContext,
): Promise<Ownership> {
  try {
    const { env, findings: failed } = await loadCommandValues(recordSettings(environment), { env: own, signal, cwd });
    const { ownership, findings } = await readOwnership(environment, { env, signal });
    for (const { message } of failed.length > 0 ? failed : findings)
      progress(`whose processors are is not known: ${message}`);
    return ownership;
  } catch {
    signal.throwIfAborted();
    progress("whose processors are cannot be read from the record: by their names");
    return { kind: "unrecorded" };
  }
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
