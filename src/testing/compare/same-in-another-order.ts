import type { Difference } from "./difference.ts";

/**
 * True where all that differs is the order of elements in arrays: at each array, what is expected and what was found are the same
 * values.
 */
export function isSameInAnotherOrder(differences: readonly Difference[]): boolean {
  const arrays = new Map<string, { readonly expected: string[]; readonly actual: string[] }>();
  for (const { kind, collection, _id, path, expected, actual } of differences) {
    const array = /^(.+)\.\d+$/u.exec(path)?.[1];
    if (kind !== "different" || array === undefined) return false;
    const key = JSON.stringify([collection, _id, array]);
    const values = arrays.get(key) ?? { expected: [], actual: [] };
    arrays.set(key, values);
    values.expected.push(JSON.stringify(expected));
    values.actual.push(JSON.stringify(actual));
  }
  return arrays.size > 0 && [...arrays.values()].every(({ expected, actual }) => isSame(expected, actual));
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join("\n") === other.toSorted().join("\n");
}
