import type { DrawnEdge } from "./layered-graph.ts";

/** Layer of each node by its id, from 0, and the edges that close a circle. */
export interface Layers<Edge> {
  readonly layerOf: ReadonlyMap<string, number>;
  readonly backward: ReadonlySet<Edge>;
}

/** Each node one layer after the last of those that lead to it; one to which nothing leads stands just before the first that it leads to. */
export function findLayers<Edge extends DrawnEdge>(ids: readonly string[], edges: readonly Edge[]): Layers<Edge> {
  const out = groupBy(edges, ({ from }) => from);
  const { order, backward } = visit(ids, out);
  const layerOf = new Map(ids.map((id) => [id, 0]));
  // Nodes come after all that lead to them, since what goes back is turned round.
  const forward = edges.flatMap((edge) => {
    if (edge.from === edge.to) return [];
    return [backward.has(edge) ? { from: edge.to, to: edge.from } : { from: edge.from, to: edge.to }];
  });
  const next = groupBy(forward, ({ from }) => from);
  for (const id of order) {
    for (const { to } of next.get(id) ?? []) {
      layerOf.set(to, Math.max(layerOf.get(to) ?? 0, (layerOf.get(id) ?? 0) + 1));
    }
  }
  const reached = new Set(forward.map(({ to }) => to));
  for (const id of ids) {
    const after = (next.get(id) ?? []).map(({ to }) => layerOf.get(to) ?? 0);
    if (!reached.has(id) && after.length > 0) layerOf.set(id, Math.min(...after) - 1);
  }
  return { layerOf, backward };
}

/** Depth first, without recursion: chains may be long. */
function visit<Edge extends DrawnEdge>(ids: readonly string[], out: ReadonlyMap<string, readonly Edge[]>) {
  const backward = new Set<Edge>();
  const finished: string[] = [];
  const state = new Map<string, "open" | "done">();
  const path: { readonly id: string; readonly edges: Iterator<Edge> }[] = [];
  const enter = (id: string): void => {
    state.set(id, "open");
    path.push({ id, edges: (out.get(id) ?? [])[Symbol.iterator]() });
  };
  for (const first of ids) {
    if (state.has(first)) continue;
    enter(first);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const { value, done } = last.edges.next();
      if (done === true) {
        state.set(last.id, "done");
        finished.push(last.id);
        path.pop();
      } else if (state.get(value.to) === "open") backward.add(value);
      else if (!state.has(value.to)) enter(value.to);
    }
  }
  return { order: finished.toReversed(), backward };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
