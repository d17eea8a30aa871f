/**
 * Runs each contender `rounds` times, all of them once a round and each round beginning with another, so that what the machine does
 * meanwhile befalls them alike. Returns the median of each.
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<number>>>,
  { rounds, tell }: { readonly rounds: number; readonly tell?: (line: string) => void },
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(contenders) as Name[];
  const measured = Object.fromEntries(names.map((name): [string, number[]] => [name, []])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length] as Name;
      measured[name].push(await contenders[name]());
      tell?.(`round ${round + 1}, ${name}: ${(measured[name].at(-1) ?? 0).toFixed(2)}`);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(measured[name])])) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
