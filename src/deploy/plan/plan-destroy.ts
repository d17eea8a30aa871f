import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { DesiredConnection, Ownership } from "./desired.ts";
import { orderByFlow } from "./order-by-flow.ts";
import type { Plan } from "./plan.ts";
import { toDefinition } from "./processor-text.ts";
import { connectionsIn, readFlow } from "./read-flow.ts";
import type { Remote, RemoteProcessor } from "./remote.ts";
import type { Step } from "./step.ts";
import { toDelete } from "./to-delete.ts";

/** Documented in docs/errors/ASP6053.md. */
export const notOursToDestroy = defineFinding<{ name: string; reason: string; ours: readonly string[] }>("ASP6053", {
  severity: "error",
  message: ({ name, reason }) => `\`${name}\` is not destroyed: ${reason}`,
  notes: ({ ours }) => [ours.length === 0 ? "nothing there is this project's" : `this project's: ${ours.join(", ")}`],
  help: ({ name, ours }) => didYouMean(name, ours) ?? "name processors that are this project's",
});

export interface DestroyInput {
  readonly remote: Remote;
  readonly ownership: Ownership;
  readonly environment: Environment;
  /** Of the project's processors. */
  readonly names: ReadonlySet<string>;
  /** These alone; empty: all, and then the connections too. */
  readonly only: readonly string[];
  readonly connections: readonly DesiredConnection[];
  readonly managesConnections: boolean;
}

/**
 * What takes a project out of a workspace: its processors, writers first, then the connections that it manages and nothing that stays uses.
 * A processor is the project's where the record says so, and where nothing is recorded by its name.
 */
export function planDestroy(input: DestroyInput): Plan {
  const { remote, ownership, environment, names, only, connections, managesConnections } = input;
  const isOurs = ({ name }: RemoteProcessor): boolean =>
    ownership.kind === "recorded" ? ownership.own.has(name) : names.has(name);
  const ours = remote.processors.filter(isOurs);
  const gone = only.length === 0 ? ours : ours.filter(({ name }) => only.includes(name));
  const findings = only.flatMap((name) => explainMissing(name, input, { ours, gone }));
  const region = environment.settings?.region ?? remote.defaults.region;
  const inOrder = orderByFlow(gone, (each) => readFlow(toDefinition(each), environment)).toReversed();
  const stay = remote.processors.filter((each) => !gone.includes(each));
  const used = new Set(stay.flatMap((each) => connectionsIn(toDefinition(each), environment)));
  const isGone = ({ name, isManaged }: DesiredConnection): boolean =>
    isManaged && !used.has(name) && remote.connections.some((each) => each.name === name);
  const released = only.length === 0 && managesConnections ? connections.filter(isGone) : [];
  const linked = released.map(({ name }): Step => ({ kind: "delete-connection", connection: name }));
  return {
    steps: [...inOrder.map((each) => toDelete(each, region)), ...linked],
    findings,
    unmanaged: remote.processors.filter((each) => !ours.includes(each)).map(({ name }) => name),
    prunable: [],
  };
}

function explainMissing(
  name: string,
  { remote, ownership }: DestroyInput,
  { ours: own, gone }: { readonly ours: readonly RemoteProcessor[]; readonly gone: readonly RemoteProcessor[] },
): readonly Finding[] {
  const ours = own.map((each) => each.name);
  if (gone.some((each) => each.name === name)) return [];
  const isThere = remote.processors.some((each) => each.name === name);
  if (!isThere) return [notOursToDestroy({}, { name, reason: "the workspace has no processor of this name", ours })];
  const owner = ownership.kind === "recorded" ? ownership.others.get(name) : undefined;
  const reason = owner === undefined ? "it is not this project's" : `it belongs to the project \`${owner}\``;
  return [notOursToDestroy({ processor: name }, { name, reason, ours })];
}
