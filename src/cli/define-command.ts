import type { CommandContext } from "./context.ts";
import type { Outcome } from "./outcome.ts";

/** One option of a command; `parse` throws a UsageError for what it does not take. */
export interface OptionSpec {
  /** As commander writes it: `-o, --out <dir>` takes a value, `--check` does not. */
  readonly flag: string;
  readonly about: string;
  readonly choices?: readonly string[];
  readonly parse?: (text: string) => unknown;
}

type Flags = Readonly<Record<string, OptionSpec>>;

type OptionValue<Spec extends OptionSpec> = Spec extends { readonly parse: (text: string) => infer Value }
  ? Value | undefined
  : Spec extends { readonly choices: readonly (infer Choice)[] }
    ? Choice | undefined
    : Spec extends { readonly flag: `${string}<${string}` }
      ? string | undefined
      : boolean;

/** The values of the options as declared: no second type to keep in step. */
export type OptionValues<Options extends Flags> = { readonly [Name in keyof Options]: OptionValue<Options[Name]> };

/** What a command is called with. */
export interface Invocation<Options extends Flags> {
  readonly operands: readonly string[];
  readonly options: OptionValues<Options>;
}

/** A command: one declared value, and one `run` that reads, decides and says what came of it. */
export interface Command<Options extends Flags = Flags> {
  readonly name: string;
  readonly summary: string;
  /** More than the summary, for `--help`. */
  readonly about?: string;
  readonly examples: readonly string[];
  /** As commander writes it: `[names...]`, `<code>`; absent where the command takes none. */
  readonly operands?: { readonly spec: string; readonly about: string };
  readonly options: Options;
  run(invocation: Invocation<Options>, ctx: CommandContext): Promise<Outcome>;
}

/** Declares a command; exists only so that the option types are inferred. */
export function defineCommand<const Options extends Flags>(command: Command<Options>): Command<Options> {
  return command;
}
