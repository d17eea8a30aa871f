/** A bounded queue between two loops: the writer waits while it is full, the reader while it is empty. */
export interface Queue<Item> {
  /** Resolves once there was room; false if the queue is closed. */
  put(item: Item, weight: number): Promise<boolean>;
  /**
   * Takes the first item, and more while `accepts` says so; `undefined` once closed and empty. Waits for more while
   * `suffices` says no to what it would take and there is room.
   */
  take(
    accepts?: (taken: readonly Item[], next: Item) => boolean,
    suffices?: (taken: readonly Item[]) => boolean,
  ): Promise<readonly Item[] | undefined>;
  /** Has a waiting `take` ask `suffices` again. */
  wake(): void;
  readonly size: number;
  /** No more items; with `discard`, those waiting are dropped. */
  close(options?: { readonly discard: boolean }): void;
}

/** @param maxWeight an item goes in while less than this is waiting, so that a single heavy one always fits */
export function createQueue<Item>(maxWeight: number): Queue<Item> {
  let items: { readonly item: Item; readonly weight: number }[] = [];
  let weight = 0;
  let closed = false;
  let wake: (() => void)[] = [];
  const changed = (): void => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };
  const change = (): Promise<void> => new Promise((resolve) => wake.push(resolve));
  return {
    get size() {
      return items.length;
    },
    put: async (item, itemWeight) => {
      while (!closed && weight >= maxWeight) await change();
      if (closed) return false;
      items.push({ item, weight: itemWeight });
      weight += itemWeight;
      changed();
      return true;
    },
    take: async (accepts = () => false, suffices = () => true) => {
      const select = (): readonly Item[] => {
        const taken: Item[] = [];
        for (const { item } of items) {
          if (taken.length > 0 && !accepts(taken, item)) break;
          taken.push(item);
        }
        return taken;
      };
      let taken = select();
      while (
        !closed &&
        (taken.length === 0 || (taken.length === items.length && weight < maxWeight && !suffices(taken)))
      ) {
        await change();
        taken = select();
      }
      for (const { weight: left } of items.slice(0, taken.length)) weight -= left;
      items = items.slice(taken.length);
      changed();
      return taken.length === 0 ? undefined : taken;
    },
    wake: changed,
    close: (options) => {
      closed = true;
      if (options?.discard === true) {
        items = [];
        weight = 0;
      }
      changed();
    },
  };
}
