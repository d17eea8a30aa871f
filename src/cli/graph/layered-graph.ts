/** A graph to be drawn: nodes by their sizes, edges from left to right as far as there are no circles. Sizes are pixels. */
export interface DrawnNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
}

/** A node in its layer; one without an id is where a long edge passes. */
export interface Slot {
  readonly id: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Slots of the next layer that it leads to. */
  readonly next: Slot[];
  /** Slots of the layer before. */
  readonly previous: Slot[];
}

/** An edge as the slots it passes, from left to right; a backward one leads from the last to the first. */
export interface Route<Edge> {
  readonly edge: Edge;
  readonly slots: readonly Slot[];
  readonly isBackward: boolean;
}

export interface LayeredGraph<Edge> {
  /** From left to right; each from top to bottom. */
  readonly layers: readonly (readonly Slot[])[];
  readonly routes: readonly Route<Edge>[];
}
