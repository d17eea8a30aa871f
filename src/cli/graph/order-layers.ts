import type { Slot } from "./layered-graph.ts";

/** Fewer where there is much to order: the first ones do most. */
const sweepsFor = (slots: number): number => (slots > 20_000 ? 3 : 12);

/** The same layers, each in an order in which few edges cross: slots stand where their neighbours' middle is, forwards and backwards in turn. */
export function orderLayers(layers: readonly (readonly Slot[])[]): readonly (readonly Slot[])[] {
  const sweeps = sweepsFor(layers.reduce((sum, layer) => sum + layer.length, 0));
  let current = layers;
  let best = { layers, crossings: countCrossings(layers) };
  for (let sweep = 0; sweep < sweeps && best.crossings > 0; sweep++) {
    current = sweepOnce(current, sweep % 2 === 0 ? "previous" : "next");
    const crossings = countCrossings(current);
    if (crossings < best.crossings) best = { layers: current, crossings };
  }
  return best.layers;
}

function sweepOnce(layers: readonly (readonly Slot[])[], side: "previous" | "next"): readonly (readonly Slot[])[] {
  const indexOf = new Map<Slot, number>();
  const enter = (layer: readonly Slot[]): void => {
    for (const [index, slot] of layer.entries()) indexOf.set(slot, index);
  };
  for (const layer of layers) enter(layer);
  const sorted = [...layers];
  const order = [...layers.keys()];
  for (const index of side === "previous" ? order : order.toReversed()) {
    const middles = new Map((layers[index] ?? []).map((slot) => [slot, middleOf(slot, slot[side], indexOf)] as const));
    const layer = (layers[index] ?? []).toSorted((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0));
    sorted[index] = layer;
    enter(layer);
  }
  return sorted;
}

/** One without neighbours there stays where it is. */
function middleOf(slot: Slot, neighbours: readonly Slot[], indexOf: ReadonlyMap<Slot, number>): number {
  const places = neighbours.map((each) => indexOf.get(each) ?? 0);
  if (places.length === 0) return indexOf.get(slot) ?? 0;
  return places.reduce((sum, place) => sum + place, 0) / places.length;
}

function countCrossings(layers: readonly (readonly Slot[])[]): number {
  let crossings = 0;
  for (const [index, layer] of layers.entries()) {
    const after = layers[index + 1] ?? [];
    const indexOf = new Map(after.map((slot, place) => [slot, place] as const));
    const ends = layer.flatMap((slot) => slot.next.map((each) => indexOf.get(each) ?? 0).toSorted((a, b) => a - b));
    crossings += countInversions(ends, after.length);
  }
  return crossings;
}

/** How many pairs stand in the wrong order, by a binary indexed tree: layers may hold thousands of edges. */
function countInversions(values: readonly number[], size: number): number {
  const tree = Array.from({ length: size + 1 }, () => 0);
  let inversions = 0;
  for (const [before, value] of values.entries()) {
    let notLarger = 0;
    for (let at = value + 1; at > 0; at -= at & -at) notLarger += tree[at] ?? 0;
    inversions += before - notLarger;
    for (let at = value + 1; at <= size; at += at & -at) tree[at] = (tree[at] ?? 0) + 1;
  }
  return inversions;
}
