/** Where two texts part, in the one that is there. Lines and columns count from 1. */
export interface Difference {
  readonly line: number;
  readonly column: number;
  /** The line of each, cut to what is around the difference. */
  readonly notes: readonly string[];
}

/** The first difference of two texts that differ: what is on disk, and what the processor compiles to. */
export function firstDifference({
  there,
  compiled,
}: {
  readonly there: string;
  readonly compiled: string;
}): Difference {
  const found = there.split("\n");
  const wanted = compiled.split("\n");
  const index = wanted.findIndex((line, at) => line !== found[at]);
  // A file that only has more than it should begins to differ after the last line.
  const at = index === -1 ? wanted.length : index;
  const from = commonStart(found[at] ?? "", wanted[at] ?? "");
  return {
    line: Math.min(at, found.length - 1) + 1,
    column: from + 1,
    notes: [`there: ${show(found[at], from)}`, `compiled: ${show(wanted[at], from)}`],
  };
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** Some of a line, around a position. An end of the file and an invisible carriage return are named. */
function show(line: string | undefined, at: number): string {
  if (line === undefined) return "the file ends";
  if (line === "") return "an empty line";
  const start = Math.max(0, at - 40);
  const part = line.slice(start, at + 60);
  const cut = `${start > 0 ? "…" : ""}${part}${at + 60 < line.length ? "…" : ""}`;
  return `\`${cut.replaceAll("\r", "\\r").trim()}\``;
}
