import type { Finding } from "../diagnostics/finding.ts";
import type { KeptModules } from "../loader/kept-modules.ts";
import type { GlobalOptions } from "./global-options.ts";

/** A stream to write text to; what the reader closed is swallowed, never an error. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
}

/** Why {@link CliContext.signal} was aborted. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** Everything a command may know of the process it runs in. Only main.ts makes one from a real process. */
export interface CliContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Asks a question on the terminal and gives the line that is typed, empty at its end; absent where stdin is no terminal. */
  readonly ask?: (question: string) => Promise<string>;
  /** As package.json says. */
  readonly version: string;
  /** Node's version, and the platform: for `doctor` and for bug reports. */
  readonly runtime: { readonly node: string; readonly platform: string };
  /** Aborted with an {@link Interruption} by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Aborted by the second one: leave at once, tidy up only what would stay behind. */
  readonly forced: AbortSignal;
  /** What was made of the modules in `cwd` the last time; default: it is made anew. */
  readonly keptModules?: KeptModules | undefined;
  /** For as long as a program has the terminal, Ctrl-C is its own; gives it back when called. Absent where there is no process. */
  readonly lendCtrlC?: () => () => void;
}

/** The context with the command line's global options: what a command is handed. */
export interface CommandContext extends CliContext {
  readonly globals: GlobalOptions;
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  /** Findings on stderr, now: for what is worth knowing before long work starts. */
  readonly report: (findings: readonly Finding[], source?: (file: string) => string | undefined) => Promise<void>;
  /** A line of progress on stderr; silent with -q. */
  readonly progress: (line: string) => void;
  /** A line of detail on stderr, with -v only. */
  readonly detail: (line: string) => void;
}
