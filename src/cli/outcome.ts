import type { Finding } from "../diagnostics/finding.ts";
import type { ExitCode } from "./exit.ts";

/**
 * What a command comes to. It writes nothing to stdout itself, so that with `--json` there is exactly one JSON value there.
 */
export interface Outcome {
  /** Written to stdout without `--json`; empty where there is nothing to say. A newline is added where it lacks one. */
  readonly text: string;
  /** Written to stdout with `--json`. */
  readonly json: unknown;
  /** The same value as text, where its bytes matter; nothing is written where it is empty. */
  readonly jsonText?: string;
  /** Written to stderr, rendered. */
  readonly findings?: readonly Finding[];
  /** Stdout has them in another form: with -q they are not written twice. */
  readonly findingsOnStdout?: boolean;
  /** The text of a file that findings point into. */
  readonly source?: (file: string) => string | undefined;
  /** With `--strict`, warnings count as errors. */
  readonly strict?: boolean;
  /** Default: 1 where a finding is an error, else 0. */
  readonly exit?: ExitCode;
}

/** True when the findings make a command fail. */
export function countsAsFailure(findings: readonly Finding[], options: { readonly strict: boolean }): boolean {
  return findings.some((finding) => finding.severity === "error" || (options.strict && finding.severity === "warning"));
}
