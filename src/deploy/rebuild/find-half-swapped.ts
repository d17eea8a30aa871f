import { authorNames } from "../../compiler/author-names.ts";
import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { openRemoteClusters } from "../clusters/open-remote-clusters.ts";
import { checkSwap, type Swap } from "../plan/check-swap.ts";
import { toDefinition } from "../plan/processor-text.ts";
import type { RemoteProcessor } from "../plan/remote.ts";
import { liveNameOf, versionsOf } from "../plan/versions.ts";
import { workspaceKey } from "../record/workspace-key.ts";
import { readSwaps, type Rebuildable } from "./read-swaps.ts";

export interface HalfSwappedOptions {
  readonly environment: Environment;
  readonly env: Variables;
  readonly signal: AbortSignal;
  /** All that the workspace has. */
  readonly processors: readonly RemoteProcessor[];
  /** Of a preview. */
  readonly suffix?: string | undefined;
  readonly tell: (line: string) => void;
}

/**
 * A finding for each of some processors that is changing places with its other version, or is that version: whoever has it run, or takes it
 * away, leaves a rebuild that cannot be finished. Pipelines of the project are not looked at, so the record is looked for where the
 * processor in the workspace writes, unless the environment says where; where it cannot be read, what exists says it between two renames.
 */
export async function findHalfSwapped(
  names: readonly string[],
  { environment, env, signal, processors, suffix, tell }: HalfSwappedOptions,
): Promise<readonly Finding[]> {
  const present = new Set(processors.map(({ name }) => name));
  const live = [...new Set(names.map(liveNameOf))];
  const rebuilt = live.filter((name) => present.has(versionsOf(name).old) || present.has(versionsOf(name).next));
  if (rebuilt.length === 0) return [];
  const projections = rebuilt.flatMap((name): readonly Rebuildable[] => {
    const versions = Object.values(versionsOf(name));
    const connectionName = processors
      .filter((each) => versions.includes(each.name))
      .map((each) => sinkConnection(each, environment))
      .find((each) => each !== undefined);
    return connectionName === undefined ? [] : [{ name, connectionName }];
  });
  const { projectId, workspace: named } = environment.settings ?? {};
  const { env: known } = await loadCommandValues([projectId, named], { env, signal });
  const workspace = workspaceKey(environment, known).value;
  await using clusters = openRemoteClusters(environment, { env, signal });
  const swaps =
    workspace === undefined
      ? new Map<string, Swap>()
      : await readSwaps(projections, { environment, workspace, present, clusters, tell });
  const scope = { isThere: (name: string) => present.has(name), environment: environment.name, suffix };
  return rebuilt.flatMap((name) => checkSwap(name, { ...scope, swap: swaps.get(name) }));
}

/** As the config calls it. */
function sinkConnection(processor: RemoteProcessor, environment: Environment): string | undefined {
  const last = authorNames(toDefinition(processor), environment).pipeline.at(-1) as
    | { readonly $merge?: { readonly into?: { readonly connectionName?: unknown } } }
    | undefined;
  const name = last?.$merge?.into?.connectionName;
  return typeof name === "string" ? name : undefined;
}
