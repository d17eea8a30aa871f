import type { Document } from "bson";
import type { Environment } from "../../src/config/environment.ts";
import type { Desired, Ownership } from "../../src/deploy/plan/desired.ts";
import { plan, type Plan, type PlanInput } from "../../src/deploy/plan/plan.ts";
import type { Remote, RemoteProcessor } from "../../src/deploy/plan/remote.ts";
import type { Step } from "../../src/deploy/plan/step.ts";

export const environment: Environment = {
  name: "production",
  target: "admin-api",
  databases: {},
  connections: { c: { type: "Cluster" } },
  collections: [],
  checkpoints: { db: "asp" },
};

export const unrecorded: Ownership = { kind: "unrecorded" };
export const recorded = (...own: readonly string[]): Ownership => ({
  kind: "recorded",
  own: new Set(own),
  others: new Map(),
});

/** A pipeline that reads one collection of `shop` and writes another. */
export function pipelineOf(from: string, to: string, ...between: readonly Document[]): readonly Document[] {
  return [
    { $source: { connectionName: "c", db: "shop", coll: from } },
    ...between,
    { $merge: { into: { connectionName: "c", db: "shop", coll: to } } },
  ];
}

export function desired(name: string, pipeline: readonly Document[], more: Document = {}): Desired {
  const { tier, ...options } = more;
  return {
    definition: { name, pipeline, ...(Object.keys(options).length > 0 && { options }) },
    tier: tier as string | undefined,
  };
}

export function started(
  name: string,
  pipeline: readonly Document[],
  more: Partial<RemoteProcessor> = {},
): RemoteProcessor {
  return { name, pipeline, state: "STARTED", tier: "SP10", ...more };
}

export function remoteOf(...processors: readonly RemoteProcessor[]): Remote {
  return {
    processors,
    connections: [{ name: "c", type: "Cluster", state: "READY", settings: {} }],
    defaults: { tier: "SP10" },
  };
}

export function planOf(wanted: readonly Desired[], remote: Remote, more: Partial<PlanInput> = {}): Plan {
  return plan({
    desired: wanted,
    connections: [],
    remote,
    ownership: unrecorded,
    environment,
    names: new Set(wanted.map(({ definition }) => definition.name)),
    prune: false,
    starts: true,
    renames: new Map(),
    ...more,
  });
}

/** A workspace in memory after the steps: what the service would have if all of them went well. */
export function applyTo(remote: Remote, steps: readonly Step[]): Remote {
  return steps.reduce(applyStep, remote);
}

function applyStep(remote: Remote, step: Step): Remote {
  const { processors } = remote;
  const replace = (name: string, change: (one: RemoteProcessor) => RemoteProcessor): Remote => ({
    ...remote,
    processors: processors.map((each) => (each.name === name ? change(each) : each)),
  });
  switch (step.kind) {
    case "keep":
    case "adopt":
    case "create-workspace":
    case "edit-workspace":
    case "create-collection":
    case "edit-collection":
    case "create-index":
    case "create-connection":
    case "edit-connection":
    case "delete-connection":
      return remote;
    case "start":
      return replace(step.name, (each) => ({ ...each, state: "STARTED" }));
    case "create": {
      const { name, pipeline, options: { tier = remote.defaults.tier, dlq } = {} } = step.definition;
      const state = step.starts ? "STARTED" : "CREATED";
      const made = { name, pipeline, state, ...(tier !== undefined && { tier }), ...(dlq && { dlq }) };
      return { ...remote, processors: [...processors, made] };
    }
    case "edit":
    case "rename":
      return replace(step.formerName ?? step.name, ({ dlq: before, ...each }) => {
        const { dlq = before, resumeFromCheckpoint: _, ...change } = step.change;
        return {
          ...each,
          ...change,
          ...(dlq && { dlq }),
          state: step.starts ? "STARTED" : each.state,
        };
      });
    case "delete":
      return { ...remote, processors: processors.filter(({ name }) => name !== step.name) };
  }
}
