import { alignSlots } from "./align-slots.ts";
import { findLayers } from "./find-layers.ts";
import type { DrawnEdge, DrawnNode, LayeredGraph, Route, Slot } from "./layered-graph.ts";
import { orderLayers } from "./order-layers.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A graph with a place for everything, in pixels from the top left corner. */
export interface Layout<Edge> {
  readonly width: number;
  readonly height: number;
  /** Top left corner of each node, by its id. */
  readonly places: ReadonlyMap<string, Point>;
  /** From where an edge leaves to where it arrives: pairs of points, between which it runs level and then bends to the next pair. */
  readonly lines: ReadonlyMap<Edge, readonly Point[]>;
}

const gapBetweenLayers = 90;
const gapInLayer = 18;
const alignments = 8;

/**
 * Lays out any graph in layers from left to right: circles are cut, layers are those of the longest path (or nearer, for what begins
 * there), their order is by the middle of neighbours, and each node stands as near to its neighbours' middle as there is room.
 */
export function layOut<Edge extends DrawnEdge>(nodes: readonly DrawnNode[], edges: readonly Edge[]): Layout<Edge> {
  const { layers: unordered, routes } = toLayeredGraph(nodes, edges);
  const layers = orderLayers(unordered);
  const centres = placeInLayers(layers);
  const lefts: number[] = [];
  const widths = layers.map((layer) => most(layer.map((slot) => slot.width)));
  let width = 0;
  for (const [index, own] of widths.entries()) {
    lefts.push(width);
    width += own + (index < layers.length - 1 ? gapBetweenLayers : 0);
  }
  const layerOf = new Map(layers.flatMap((layer, index) => layer.map((slot) => [slot, index] as const)));
  const sideOf = (slot: Slot): { readonly left: number; readonly right: number } => {
    const index = layerOf.get(slot) ?? 0;
    const left = lefts[index] ?? 0;
    return { left, right: left + (slot.id === undefined ? (widths[index] ?? 0) : slot.width) };
  };
  const slots = layers.flat();
  const places = new Map(
    slots.flatMap((slot) =>
      slot.id === undefined
        ? []
        : [[slot.id, { x: sideOf(slot).left, y: (centres.get(slot) ?? 0) - slot.height / 2 }] as const],
    ),
  );
  const portOf = findPorts(routes, centres);
  const lines = new Map(
    routes.map((route) => {
      const points = route.slots.flatMap((slot, index) => {
        const { left, right } = sideOf(slot);
        const y = portOf(route, index);
        const [isFirst, isLast] = [index === 0, index === route.slots.length - 1];
        return [...(isFirst ? [] : [{ x: left, y }]), ...(isLast ? [] : [{ x: right, y }])];
      });
      return [route.edge, route.isBackward ? points.toReversed() : points] as const;
    }),
  );
  const height = most(slots.map((slot) => (centres.get(slot) ?? 0) + slot.height / 2));
  return { width, height, places, lines };
}

/** The largest, or 0. There may be more of them than a call takes arguments. */
function most(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, value), 0);
}

function toLayeredGraph<Edge extends DrawnEdge>(
  nodes: readonly DrawnNode[],
  edges: readonly Edge[],
): LayeredGraph<Edge> {
  const { layerOf, backward } = findLayers(
    nodes.map(({ id }) => id),
    edges,
  );
  const layers: Slot[][] = [];
  const enter = (layer: number, size: Omit<Slot, "next" | "previous">): Slot => {
    const slot: Slot = { ...size, next: [], previous: [] };
    (layers[layer] ??= []).push(slot);
    return slot;
  };
  const slotOf = new Map(nodes.map((node) => [node.id, enter(layerOf.get(node.id) ?? 0, node)] as const));
  const routes = edges.flatMap((edge): readonly Route<Edge>[] => {
    const isBackward = backward.has(edge);
    const [start, end] = isBackward ? [edge.to, edge.from] : [edge.from, edge.to];
    const [first, last] = [slotOf.get(start), slotOf.get(end)];
    if (first === undefined || last === undefined || first === last) return [];
    const [from, to] = [layerOf.get(start) ?? 0, layerOf.get(end) ?? 0];
    const between = Array.from({ length: to - from - 1 }, (_, index) =>
      enter(from + index + 1, { id: undefined, width: 0, height: 4 }),
    );
    const slots = [first, ...between, last];
    for (const [index, slot] of slots.entries()) {
      const after = slots[index + 1];
      if (after === undefined) continue;
      slot.next.push(after);
      after.previous.push(slot);
    }
    return [{ edge, slots, isBackward }];
  });
  return { layers: Array.from(layers, (layer) => layer ?? []), routes };
}

/** The centre of each slot, from top to bottom. */
function placeInLayers(layers: readonly (readonly Slot[])[]): ReadonlyMap<Slot, number> {
  const centres = new Map<Slot, number>();
  const align = (layer: readonly Slot[], wishOf: (slot: Slot) => number): void => {
    const aligned = alignSlots(
      layer.map((slot) => ({ centre: wishOf(slot), height: slot.height })),
      gapInLayer,
    );
    for (const [index, slot] of layer.entries()) centres.set(slot, aligned[index] ?? 0);
  };
  for (const layer of layers) align(layer, () => 0);
  for (let round = 0; round < alignments; round++) {
    const side = round % 2 === 0 ? "previous" : "next";
    for (const layer of side === "previous" ? layers : layers.toReversed()) {
      align(layer, (slot) => {
        const wanted = slot[side].map((each) => centres.get(each) ?? 0);
        return wanted.length === 0
          ? (centres.get(slot) ?? 0)
          : wanted.reduce((sum, each) => sum + each, 0) / wanted.length;
      });
    }
  }
  const top = -most([...centres].map(([slot, centre]) => slot.height / 2 - centre));
  return new Map([...centres].map(([slot, centre]) => [slot, centre - top]));
}

/** Where a route touches the sides of its slots: several at one side stand below each other, in the order of where they lead. */
function findPorts<Edge>(routes: readonly Route<Edge>[], centres: ReadonlyMap<Slot, number>) {
  const sides = new Map<Slot, Record<"left" | "right", { readonly route: Route<Edge>; readonly towards: number }[]>>();
  const sideOf = (slot: Slot, side: "left" | "right") => {
    const known = sides.get(slot) ?? { left: [], right: [] };
    sides.set(slot, known);
    return known[side];
  };
  for (const route of routes) {
    const [first, second] = [route.slots[0], route.slots[1]];
    const [last, before] = [route.slots.at(-1), route.slots.at(-2)];
    if (first === undefined || second === undefined || last === undefined || before === undefined) continue;
    sideOf(first, "right").push({ route, towards: centres.get(second) ?? 0 });
    sideOf(last, "left").push({ route, towards: centres.get(before) ?? 0 });
  }
  const ports = new Map<Route<Edge>, Record<"left" | "right", number>>();
  for (const [slot, { left, right }] of sides) {
    for (const [name, side] of [
      ["left", left],
      ["right", right],
    ] as const) {
      for (const [index, { route }] of side.toSorted((a, b) => a.towards - b.towards).entries()) {
        const y = (centres.get(slot) ?? 0) - slot.height / 2 + (slot.height * (index + 1)) / (side.length + 1);
        ports.set(route, { left: 0, right: 0, ...ports.get(route), [name]: y });
      }
    }
  }
  return (route: Route<Edge>, index: number): number => {
    if (index === 0) return ports.get(route)?.right ?? 0;
    if (index === route.slots.length - 1) return ports.get(route)?.left ?? 0;
    const slot = route.slots[index];
    return slot === undefined ? 0 : (centres.get(slot) ?? 0);
  };
}
