/** Where something would like to be, and how much room it takes; pixels. */
export interface Wish {
  readonly centre: number;
  readonly height: number;
}

/**
 * Centres in the given order, `gap` apart, as near to the wishes as that allows (least squares): what would overlap is put together into
 * a block, which stands in the middle of its wishes.
 */
export function alignSlots(wishes: readonly Wish[], gap: number): readonly number[] {
  // Offsets turn "one after the other, so far apart" into "not decreasing".
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, { height }] of wishes.entries()) {
    if (index > 0) offset += ((wishes[index - 1]?.height ?? 0) + height) / 2 + gap;
    offsets.push(offset);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [index, { centre }] of wishes.entries()) {
    blocks.push({ sum: centre - (offsets[index] ?? 0), count: 1 });
    for (;;) {
      const [before, last] = [blocks.at(-2), blocks.at(-1)];
      if (before === undefined || last === undefined || before.sum / before.count <= last.sum / last.count) break;
      blocks.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  const places = blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
  return places.map((place, index) => place + (offsets[index] ?? 0));
}
