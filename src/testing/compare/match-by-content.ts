/** How two lists without common ids are matched. */
export interface ContentMatch<Wanted, Found> {
  /** Equal things have equal keys; undefined for a wanted thing that says too little to have one. */
  readonly key: (value: Wanted | Found) => string | undefined;
  readonly equal: (wanted: Wanted, found: Found) => boolean;
}

/**
 * Pairs as many as can be paired, whatever the order of either list, and returns what is left over.
 *
 * `equal` is not an equivalence (an untyped number equals an int and a long, which do not equal each other), so the first
 * that fits may be one that another needs more: pairs are changed along augmenting paths.
 */
export function matchByContent<Wanted, Found>(
  wanted: readonly Wanted[],
  found: readonly Found[],
  { key, equal }: ContentMatch<Wanted, Found>,
): { readonly missing: readonly Wanted[]; readonly extra: readonly Found[] } {
  const all = found.map((_, index) => index);
  const buckets = new Map<string | undefined, number[]>();
  if (wanted.length > 0) {
    for (const [index, one] of found.entries()) {
      const name = key(one);
      const bucket = buckets.get(name);
      if (bucket === undefined) buckets.set(name, [index]);
      else bucket.push(index);
    }
  }
  const takenBy = new Map<number, number>();
  const fits = wanted.map((one) => {
    const name = key(one);
    return name === undefined ? all : (buckets.get(name) ?? []);
  });
  const place = (index: number, tried: Set<number>): boolean => {
    const one = wanted[index] as Wanted;
    const candidates = fits[index] ?? [];
    const free = candidates.find((at) => !takenBy.has(at) && equal(one, found[at] as Found));
    if (free !== undefined) {
      takenBy.set(free, index);
      return true;
    }
    for (const at of candidates) {
      const holder = takenBy.get(at);
      if (holder === undefined || tried.has(at) || !equal(one, found[at] as Found)) continue;
      tried.add(at);
      if (place(holder, tried)) {
        takenBy.set(at, index);
        return true;
      }
    }
    return false;
  };
  const missing = wanted.filter((_, index) => !place(index, new Set()));
  return { missing, extra: found.filter((_, index) => !takenBy.has(index)) };
}
