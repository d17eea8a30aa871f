/** What a command's exit code says; 2 is kept for `plan --detailed-exitcode`. */
export const Exit = {
  ok: 0,
  /** The user's pipelines, config or fixtures have findings of severity error, or a comparison differs. */
  invalid: 1,
  /** `plan --detailed-exitcode`: there are changes. */
  changes: 2,
  /** The world refused: a mongod, a cluster, a file. */
  refused: 3,
  /** The command line is wrong. */
  usage: 64,
  /** Our bug. */
  bug: 70,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM, where the command was not made to be stopped that way. */
  terminated: 143,
} as const;

export type ExitCode = (typeof Exit)[keyof typeof Exit];

/** Of what a signal has ended. */
export function exitOf(signal: "SIGINT" | "SIGTERM"): ExitCode {
  return signal === "SIGTERM" ? Exit.terminated : Exit.interrupted;
}
