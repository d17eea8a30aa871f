import type { OptionSpec } from "./define-command.ts";

/** Options every command takes, before or after its name. None has a default: an absent flag is absent. */
export const globalOptions = {
  config: { flag: "--config <file>", about: "the config file; otherwise atlas.config.yaml in this folder" },
  env: { flag: "-e, --env <name>", about: "environment in the config file; local where none is given" },
  json: { flag: "--json", about: "one JSON value on stdout and nothing else there" },
  noColor: { flag: "--no-color", about: "no colours; NO_COLOR does the same" },
  quiet: { flag: "-q, --quiet", about: "no progress on stderr" },
  verbose: { flag: "-v, --verbose", about: "more detail on stderr" },
} as const satisfies Record<string, OptionSpec>;

export interface GlobalOptions {
  readonly config?: string;
  readonly env?: string;
  readonly json: boolean;
  readonly noColor: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** `--strict`, for the commands that report warnings. */
export const strictOption = { flag: "--strict", about: "warnings count as errors" } as const satisfies OptionSpec;
