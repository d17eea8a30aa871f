/** One line of the table. A higher ratio is better whatever the unit. */
export interface Row {
  readonly benchmark: string;
  readonly against: string;
  readonly ratio: number;
  readonly target: number;
  readonly ok: boolean;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: Unit;
}

/** A benchmark that could not be run, or ended with a wrong result. */
export interface Failure {
  readonly benchmark: string;
  readonly failed: string;
}

/** A benchmark that needs what is not on this machine. */
export interface Skipped {
  readonly benchmark: string;
  readonly skipped: string;
}

export type Result = Row | Failure | Skipped;

export type Unit = "events/s" | "ms" | "MB" | "instantiations";

export interface Benchmark {
  readonly name: string;
  /** `tell` takes a line of progress. */
  run(tell: (line: string) => void): Promise<readonly Row[] | Skipped>;
}

/** Of rates more is better, of times and sizes less. @throws Error where a measurement is no number above 0. */
export function toRow(row: Omit<Row, "ratio" | "ok">): Row {
  const { benchmark, against, ours, theirs, unit } = row;
  if (!(ours > 0 && theirs > 0 && Number.isFinite(ours / theirs)))
    throw new Error(`${benchmark} against ${against} measured ${ours} and ${theirs} ${unit}`);
  const ratio = row.unit === "events/s" ? row.ours / row.theirs : row.theirs / row.ours;
  return { ...row, ratio: round(ratio), ok: ratio >= row.target, ours: round(row.ours), theirs: round(row.theirs) };
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
