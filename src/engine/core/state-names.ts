/** Collection of checkpoints, one document for each processor. */
export const checkpointsCollection = "asp_checkpoints";

/** Collections that hold what the windows of a processor know, in the database of the checkpoints. */
export interface StateNames {
  readonly documents: string;
  readonly sessions: string;
  /** Where a stage within a window has its documents put aside. */
  aside(segment: number): string;
  /** Whether a collection is one of them. */
  has(collection: string): boolean;
}

export function stateNames(processor: string): StateNames {
  const documents = `asp_window.${processor}`;
  const sessions = `asp_sessions.${processor}`;
  const aside = `${documents}.aside`;
  return {
    documents,
    sessions,
    aside: (segment) => `${aside}${segment}`,
    has: (collection) =>
      collection === documents ||
      collection === sessions ||
      (collection.startsWith(aside) && /^\d+$/.test(collection.slice(aside.length))),
  };
}
