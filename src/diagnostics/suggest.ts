/**
 * The candidate that a mistyped word most likely meant, or undefined when none is near.
 *
 * Near means: the same but for upper and lower case, or at most three edits (a neighbouring pair swapped is one) that leave
 * more of the word than they change. Of equally near candidates the first wins.
 *
 * @example
 * suggest("$mach", ["$match", "$merge"]) // "$match"
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    if (candidate.toLowerCase() === word.toLowerCase()) return candidate;
    const length = Math.max(word.length, candidate.length);
    // A text of any length may come in here; only near lengths can be near words.
    if (Math.abs(word.length - candidate.length) > maxEdits || length > maxWordLength) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance > maxEdits || distance >= length * 0.5 || distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** `did you mean …?` as a help text, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = suggest(word, candidates);
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

/** The first candidates of many, for a user's own names: comparing every misspelt one with all would take a minute where there are thousands. */
export function firstCandidates(names: Iterable<string>): readonly string[] {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === maxCandidates) break;
    first.push(name);
  }
  return first;
}

const maxCandidates = 50;
const maxEdits = 3;
const maxWordLength = 200;

/** Damerau-Levenshtein distance in its "optimal string alignment" form. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
