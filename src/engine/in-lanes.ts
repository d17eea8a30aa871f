/** How work is spread. */
export interface Lanes<Item> {
  /** So many items are under way at once. */
  readonly count: number;
  /** Items of the same lane are done one after the other, in their order; absent: each as soon as there is room. */
  readonly laneOf?: ((item: Item) => string) | undefined;
}

/**
 * Does work for each item, and gives the results in the order of the items.
 *
 * After a failure nothing new is begun; it rejects once what is under way has ended.
 */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  { count, laneOf }: Lanes<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.map((item, index) => ({ item, index, lane: laneOf?.(item) }));
  const busy = new Set<string>();
  let failed = false;
  const workThrough = async (): Promise<void> => {
    while (!failed) {
      const at = waiting.findIndex(({ lane }) => lane === undefined || !busy.has(lane));
      const [next] = at === -1 ? [] : waiting.splice(at, 1);
      // Whoever is in the lane of the others goes on with them.
      if (next === undefined) return;
      if (next.lane !== undefined) busy.add(next.lane);
      try {
        results[next.index] = await work(next.item);
      } catch (error) {
        failed = true;
        throw error;
      } finally {
        if (next.lane !== undefined) busy.delete(next.lane);
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(count, items.length) }, workThrough));
  const failure = settled.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
  return results;
}
