/** How serious a finding is: only an `error` makes a command exit with 1. */
export type Severity = "error" | "warning" | "info";

/** A place in a file, where the author can edit. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where in a pipeline something stands, as the server counts: `[1]`, or `[2, "pipeline", 0]` inside a window. */
export type PipelinePath = readonly (string | number)[];

/** `ASP` and four digits: 1xxx shape, 2xxx order, 3xxx time, 4xxx config and connections, 5xxx engine limits, 8xxx remote, 9xxx internal. */
export type FindingCode = `ASP${number}`;

/**
 * What is wrong (or worth knowing), where, and what to do: a value, never an exception.
 *
 * `file` is relative to the project where it lies inside it. `length` is the width of the caret in characters.
 */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly message: string;
  readonly processor?: string;
  readonly path?: PipelinePath;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly length?: number;
  readonly notes?: readonly string[];
  readonly help?: string;
}

/** Both addresses of a finding: the author's and the server's. */
export interface At {
  readonly processor?: string;
  readonly path?: PipelinePath;
  readonly place?: Place;
  readonly length?: number;
}
