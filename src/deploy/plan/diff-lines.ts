/** A line of a difference: only before, only after, or in both. */
export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  readonly text: string;
}

/** Above so many cells of its table, a difference is told as a whole. */
const mostCells = 4_000_000;

/** The fewest lines to take away and to add, those taken away first. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const pairs = commonPairs(before, after, (one, other) => one === other);
  const lines: DiffLine[] = [];
  let [from, to] = [0, 0];
  for (const [left, right] of [...pairs, [before.length, after.length] as const]) {
    for (; from < left; from += 1) lines.push({ sign: "-", text: before[from] ?? "" });
    for (; to < right; to += 1) lines.push({ sign: "+", text: after[to] ?? "" });
    const text = before[left];
    if (text !== undefined) lines.push({ sign: " ", text });
    [from, to] = [left + 1, right + 1];
  }
  return lines;
}

/** Places of the longest sequence that both have, in order: `[in one, in the other]`. */
export function commonPairs<Item>(
  one: readonly Item[],
  other: readonly Item[],
  isEqual: (one: Item, other: Item) => boolean,
): readonly (readonly [number, number])[] {
  const equal = (left: number, right: number): boolean => isEqual(one[left] as Item, other[right] as Item);
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && equal(head, head)) head += 1;
  let tail = 0;
  while (tail < shorter - head && equal(one.length - 1 - tail, other.length - 1 - tail)) tail += 1;
  const [rows, columns] = [one.length - head - tail, other.length - head - tail];
  const pairs: (readonly [number, number])[] = Array.from({ length: head }, (_, index) => [index, index] as const);
  if (rows * columns <= mostCells) {
    const width = columns + 1;
    // At [row, column]: how much is common from there on.
    const lengths = new Uint32Array((rows + 1) * width);
    const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
    for (let row = rows - 1; row >= 0; row -= 1) {
      for (let column = columns - 1; column >= 0; column -= 1) {
        lengths[row * width + column] = equal(head + row, head + column)
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
      }
    }
    for (let [row, column] = [0, 0]; row < rows && column < columns;) {
      if (equal(head + row, head + column)) {
        pairs.push([head + row, head + column]);
        [row, column] = [row + 1, column + 1];
      } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
      else column += 1;
    }
  }
  for (let index = tail; index > 0; index -= 1) pairs.push([one.length - index, other.length - index]);
  return pairs;
}
