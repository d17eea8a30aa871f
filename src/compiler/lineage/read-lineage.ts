import type { Environment } from "../../config/environment.ts";
import type { Definition } from "../../stages/definition.ts";
import { clusterKey } from "./cluster-key.ts";
import type { Lineage, LineageEdge, Resource } from "./lineage.ts";
import { usesOf, type Use } from "./uses-of.ts";

/** Which of these processors read, ask and write what; definitions are compiled ones, with the names of the environment. */
export function readLineage(definitions: readonly Definition[], environment: Environment): Lineage {
  const found = new Map<string, { readonly resource: Resource; readonly use: Use; readonly cluster: string }>();
  const edges = new Map<string, LineageEdge>();
  const add = (edge: LineageEdge): void => void edges.set(JSON.stringify([edge.from, edge.to, edge.kind]), edge);
  for (const { name, ...definition } of definitions) {
    for (const use of usesOf({ name, ...definition }, environment)) {
      const cluster = use.connection === undefined ? "" : clusterKey(use.connection, environment);
      // What is computed, or comes from nowhere, is each processor's own.
      const own = use.isComputed || use.connection === undefined ? name : "";
      const key = JSON.stringify([use.kind, cluster, use.name, own]);
      const known = found.get(key)?.resource ?? toResource(use, own);
      const connections = new Set([...known.connections, ...(use.connection === undefined ? [] : [use.connection])]);
      found.set(key, { resource: { ...known, connections: [...connections] }, use, cluster });
      const processor = idOfProcessor(name);
      const isInput = use.flow === "reads" || use.flow === "looks up" || use.flow === "calls";
      add({ kind: use.flow, ...(isInput ? { from: known.id, to: processor } : { from: processor, to: known.id }) });
    }
  }
  const resources = [...found.values()];
  const isWritten = ({ resource }: (typeof resources)[number]): boolean =>
    [...edges.values()].some(({ to }) => to === resource.id);
  const written = resources.filter(
    (each) => each.use.kind === "collection" && each.use.coll !== undefined && isWritten(each),
  );
  for (const wide of resources) {
    if (wide.use.kind !== "collection" || wide.use.isComputed || wide.use.coll !== undefined) continue;
    for (const narrow of written) {
      if (narrow.cluster !== wide.cluster || (wide.use.db ?? narrow.use.db) !== narrow.use.db) continue;
      add({ from: narrow.resource.id, to: wide.resource.id, kind: "within" });
    }
  }
  return {
    processors: definitions.map(({ name }) => ({ id: idOfProcessor(name), name })),
    resources: resources.map(({ resource }) => resource),
    edges: [...edges.values()],
  };
}

function idOfProcessor(name: string): string {
  return `processor:${name}`;
}

function toResource({ kind, connection, name, isComputed }: Use, own: string): Resource {
  const where = connection ?? "";
  return {
    id: own === "" ? `${kind}:${where}/${name}` : `${kind}:${where}/${name} of ${own}`,
    kind,
    name,
    connections: [],
    isComputed,
  };
}
