import { covers } from "../../compiler/project/resource.ts";
import type { Flow } from "./read-flow.ts";

/**
 * Those that read come before those that write for them, so that nothing is written that nobody listens to; otherwise the order stays.
 * Around a circle there is no first: it begins with the one that stood first.
 */
export function orderByFlow<Item>(items: readonly Item[], flowOf: (item: Item) => Flow): readonly Item[] {
  const flows = new Map(items.map((item) => [item, flowOf(item)] as const));
  const readersOf = (item: Item): readonly Item[] => {
    const written = flows.get(item)?.writes;
    if (written === undefined) return [];
    return items.filter((other) => other !== item && flows.get(other)?.reads.some((read) => covers(read, written)));
  };
  const ordered: Item[] = [];
  const seen = new Set<Item>();
  for (const first of items) {
    // Depth first, without recursion: chains may be long.
    const path: { readonly item: Item; readonly readers: Iterator<Item> }[] = [];
    const enter = (item: Item): void => {
      seen.add(item);
      path.push({ item, readers: readersOf(item)[Symbol.iterator]() });
    };
    if (!seen.has(first)) enter(first);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const { value, done } = last.readers.next();
      if (done === true) {
        ordered.push(last.item);
        path.pop();
      } else if (!seen.has(value)) enter(value);
    }
  }
  return ordered;
}
