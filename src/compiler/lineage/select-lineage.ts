import type { Lineage, LineageEdge } from "./lineage.ts";

/**
 * The part of it that these processors are about: what they touch, whatever their data comes from, and whatever it flows into. Dead
 * letters and calls are followed to where they lead, not to who else has to do with them.
 */
export function selectLineage(lineage: Lineage, names: ReadonlySet<string>): Lineage {
  const { processors, resources, edges } = lineage;
  const named = processors.filter(({ name }) => names.has(name)).map(({ id }) => id);
  const isFlow = ({ kind }: LineageEdge): boolean => kind !== "dead letters" && kind !== "calls";
  const flows = edges.filter(isFlow);
  const kept = new Set([...reach(named, flows, "from", "to"), ...reach(named, flows, "to", "from")]);
  const processorIds = new Set(processors.map(({ id }) => id));
  // What a kept processor touches stays, whatever the way.
  for (const { from, to } of edges) {
    if (kept.has(from) && processorIds.has(from)) kept.add(to);
    if (kept.has(to) && processorIds.has(to)) kept.add(from);
  }
  return {
    processors: processors.filter(({ id }) => kept.has(id)),
    resources: resources.filter(({ id }) => kept.has(id)),
    edges: edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  };
}

function reach(
  from: readonly string[],
  edges: readonly LineageEdge[],
  start: "from" | "to",
  end: "from" | "to",
): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const edge of edges) next.set(edge[start], [...(next.get(edge[start]) ?? []), edge[end]]);
  const seen = new Set(from);
  for (const id of seen) for (const other of next.get(id) ?? []) seen.add(other);
  return seen;
}
