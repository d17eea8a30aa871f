import type { Place } from "../diagnostics/finding.ts";

/** A text that was put between the characters of a source; it holds no line end, so lines stay where they are. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/** A source file as findings name it, with its lines. Columns count UTF-16 units from 1, as editors do. */
export interface SourceText {
  /** Relative to the project where it lies inside it, with forward slashes. */
  readonly file: string;
  readonly text: string;
  readonly placeAt: (offset: number) => Place;
  /** The original place of a line (from 1) and column (from 0) in the text with its insertions. */
  readonly placeBefore: (insertions: readonly Insertion[], line: number, column: number) => Place;
}

export function toSourceText(file: string, text: string): SourceText {
  let starts: readonly number[] | undefined;
  const lineStarts = (): readonly number[] => (starts ??= findLineStarts(text));
  return {
    file,
    text,
    placeAt(offset) {
      const line = lastAtOrBefore(lineStarts(), offset);
      return { file, line: line + 1, column: offset - (lineStarts()[line] ?? 0) + 1 };
    },
    placeBefore(insertions, line, column) {
      const start = lineStarts()[line - 1] ?? 0;
      const end = lineStarts()[line] ?? text.length + 1;
      let inserted = 0;
      for (const { offset, text: added } of insertions) {
        if (offset < start || offset >= end) continue;
        const at = offset - start + inserted;
        if (column < at) break;
        inserted += Math.min(added.length, column - at);
      }
      return { file, line, column: column - inserted + 1 };
    },
  };
}

/** The text with the insertions, which are sorted by offset. */
export function insert(text: string, insertions: readonly Insertion[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { offset, text: added } of insertions) {
    parts.push(text.slice(from, offset), added);
    from = offset;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|[\r\n\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return starts;
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
