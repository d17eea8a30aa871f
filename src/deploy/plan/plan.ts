import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Definition } from "../../stages/definition.ts";
import { checkSwap, type Swap } from "./check-swap.ts";
import { checkTiers } from "./check-tiers.ts";
import type { Desired, DesiredConnection, DesiredWorkspace, Ownership } from "./desired.ts";
import { editProcessor, mayStart } from "./edit-processor.ts";
import { findRenames } from "./find-renames.ts";
import { toDelete } from "./to-delete.ts";
import { orderByFlow } from "./order-by-flow.ts";
import { planCollections, type CollectionsInput } from "./plan-collections.ts";
import { planConnections } from "./plan-connections.ts";
import { planWorkspace } from "./plan-workspace.ts";
import { toDefinition } from "./processor-text.ts";
import { connectionsIn, readFlow } from "./read-flow.ts";
import type { Remote, RemoteProcessor } from "./remote.ts";
import type { Step } from "./step.ts";
import { toTierChange } from "./tier-change.ts";

/** Documented in docs/errors/ASP6022.md. */
export const optionCannotChange = defineFinding<{ option: string; before: string; after: string }>("ASP6022", {
  severity: "error",
  message: ({ option, before, after }) => `\`${option}\` is ${before} and cannot become ${after} once it is made`,
  help: "give the processor another name, so that a new one is made beside it",
});

/** Documented in docs/errors/ASP6026.md. */
export const belongsToAnother = defineFinding<{ name: string; owner: string }>("ASP6026", {
  severity: "error",
  message: ({ name, owner }) => `the processor \`${name}\` of the workspace belongs to the project \`${owner}\``,
  help: "give yours another name",
});

/** Documented in docs/errors/ASP6027.md. */
export const pruneNeedsRecord = defineFinding<{ environment: string }>("ASP6027", {
  severity: "error",
  message: ({ environment }) =>
    `--prune deletes only what is this project's, which is not recorded for \`${environment}\``,
  help: ({ environment }) => `add \`environments.${environment}.record\`, or delete processors by hand`,
});

export interface PlanInput {
  readonly desired: readonly Desired[];
  readonly connections: readonly DesiredConnection[];
  /** Absent where it is not the project's to make and change. */
  readonly workspace?: DesiredWorkspace;
  /** What sinks and sources need; default nothing. */
  readonly collections?: CollectionsInput;
  readonly remote: Remote;
  readonly ownership: Ownership;
  readonly environment: Environment;
  /** Of a preview; all names end with it. */
  readonly suffix?: string | undefined;
  /** Of every processor that the project has, also where only some are planned. */
  readonly names: ReadonlySet<string>;
  /** Those of them that `asp rebuild` can make anew; default none. */
  readonly projections?: ReadonlySet<string>;
  /** Those of them that are changing places with another version, as far as that is known; default none. */
  readonly swaps?: ReadonlyMap<string, Swap>;
  /** Delete what is recorded as the project's and is no more in it. */
  readonly prune: boolean;
  /** Start what does not run. */
  readonly starts: boolean;
  /** Wanted name → former name, as the user says. */
  readonly renames: ReadonlyMap<string, string>;
  /** Of the target, for people; undefined where it can change workspaces and connections. */
  readonly unmanageable?: string;
}

export interface Plan {
  /** In the order in which they are to be done: the workspace; connections; collections and indexes; processors, readers before writers; what is deleted, writers first. */
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /** Processors of the workspace that are not looked at: they are not the project's. */
  readonly unmanaged: readonly string[];
  /** Processors that are recorded as the project's and are no more in it, where nothing is pruned. */
  readonly prunable: readonly string[];
}

/** What has to be done so that the workspace has what the project wants. Equal states give no step that changes something. */
export function plan(input: PlanInput): Plan {
  const { desired, remote, ownership, environment, names, prune } = input;
  const byName = new Map(remote.processors.map((each) => [each.name, each]));
  const strays = remote.processors.filter(({ name }) => !names.has(name));
  const missing = desired.filter(({ definition }) => !byName.has(definition.name));
  const { renames, findings } = findRenames({ missing, strays, ownership, given: input.renames });
  const { unmanageable, collections = { desired: [], clusters: new Map() } } = input;
  const home = planWorkspace(input.workspace, remote, environment, unmanageable);
  const { defaults } = home;
  const region = environment.settings?.region ?? defaults.region;

  const users = usersOfConnections(
    desired.map(({ definition }) => definition),
    environment,
  );
  const isOurs = ({ name }: RemoteProcessor): boolean =>
    ownership.kind === "recorded" ? ownership.own.has(name) : names.has(name);
  // What is taken over by this plan is ours by then.
  const wantedNames = new Set(desired.map(({ definition }) => definition.name));
  const mayStop = (each: RemoteProcessor): boolean => isOurs(each) || wantedNames.has(each.name);
  const running = usersOfConnections(
    remote.processors.filter((each) => mayStop(each) && !mayStart(each.state)).map(toDefinition),
    environment,
  );
  const linked = planConnections({
    desired: input.connections,
    remote: remote.connections,
    users,
    running,
    unmanageable,
  });
  const stored = planCollections(collections);
  const found: Finding[] = [...findings, ...home.findings, ...linked.findings, ...stored.findings];

  const wanted = desired.flatMap((one): readonly Step[] => {
    const { definition, tier } = one;
    const { name } = definition;
    const present = byName.get(name) ?? renames.get(name);
    found.push(...checkTiers(one, present?.tier, defaults, environment));
    const swap = input.swaps?.get(name);
    const scope = { environment: environment.name, suffix: input.suffix };
    found.push(...checkSwap(name, { isThere: (each) => byName.has(each), swap, ...scope }));
    if (present === undefined) {
      const given = toTierChange(undefined, tier ?? defaults.tier, region);
      return [{ kind: "create", name, tier: given, definition: withTier(one), starts: input.starts }];
    }
    const owner = ownership.kind === "recorded" ? ownership.others.get(present.name) : undefined;
    if (owner !== undefined) {
      found.push(belongsToAnother({ processor: name }, { name: present.name, owner }));
      return [];
    }
    found.push(...checkFixedOptions(one, present));
    const adopts = ownership.kind === "recorded" && !ownership.own.has(present.name);
    const isProjection = input.projections?.has(name) === true;
    return [editProcessor(one, present, { environment, region, starts: input.starts, adopts, isProjection })];
  });
  const definitions = new Map(desired.map(({ definition }) => [definition.name, definition]));
  const inOrder = orderByFlow(wanted, (step) => {
    const definition = "name" in step ? definitions.get(step.name) : undefined;
    return definition === undefined ? { reads: [], writes: undefined } : readFlow(definition, environment);
  });

  if (prune && ownership.kind === "unrecorded") found.push(pruneNeedsRecord({}, { environment: environment.name }));
  const renamed = new Set([...renames.values()].map(({ name }) => name));
  const left = strays.filter(({ name }) => !renamed.has(name));
  const isRecorded = ({ name }: RemoteProcessor): boolean => ownership.kind === "recorded" && ownership.own.has(name);
  const ours = left.filter(isRecorded);
  const pruned = orderByFlow(prune ? ours : [], (each) => readFlow(toDefinition(each), environment));
  return {
    steps: [
      ...home.steps,
      ...linked.steps,
      ...stored.steps,
      ...inOrder,
      ...pruned.toReversed().map((each) => toDelete(each, region)),
    ],
    findings: found,
    unmanaged: left.filter((each) => !isRecorded(each)).map(({ name }) => name),
    prunable: prune ? [] : ours.map(({ name }) => name),
  };
}

/** Connection → names of the processors that need it, in their order. */
export function usersOfConnections(
  definitions: readonly Definition[],
  environment: Environment,
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const definition of definitions) {
    for (const connection of connectionsIn(definition, environment)) {
      const known = users.get(connection);
      if (known === undefined) users.set(connection, [definition.name]);
      else known.push(definition.name);
    }
  }
  return users;
}

/** The tier of the environment is the processor's where it names none. */
export function withTier({ definition, tier }: Desired): Desired["definition"] {
  return tier === undefined || definition.options?.tier === tier
    ? definition
    : ({ ...definition, options: { ...definition.options, tier } } as Desired["definition"]);
}

function checkFixedOptions({ definition }: Desired, { name, streamMetaFieldName: before }: RemoteProcessor) {
  const after = definition.options?.["streamMetaFieldName"];
  if (after === undefined || after === before) return [];
  const texts = { before: before === undefined ? "the service's own" : `\`${before}\``, after: `\`${String(after)}\`` };
  return [optionCannotChange({ processor: name }, { option: "streamMetaFieldName", ...texts })];
}
