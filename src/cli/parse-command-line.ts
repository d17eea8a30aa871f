import { Command as Parser, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Command, Invocation, OptionSpec } from "./define-command.ts";
import { globalOptions } from "./global-options.ts";
import type { GlobalOptions } from "./global-options.ts";
import { UsageError } from "./usage-error.ts";

/** A command line read against one command: its help was asked for, or it can be run. */
export type Parsed =
  | { readonly kind: "help"; readonly text: string }
  | {
      readonly kind: "run";
      readonly invocation: Invocation<Record<string, OptionSpec>>;
      readonly globals: GlobalOptions;
    };

/**
 * Reads the arguments of one command, its name already taken out, so that global options may stand before and after it.
 * The one file that knows commander.
 */
export function parseCommandLine(command: Command, argv: readonly string[]): Parsed {
  const specs: Record<string, OptionSpec> = { ...command.options, ...globalOptions };
  let help = "";
  // Help is wrapped to the terminal, so the lines of the source must not end in it.
  const about = command.about?.replaceAll(/(?<!\n)\n(?!\n)/g, " ");
  const parser = new Parser(`asp ${command.name}`)
    .description(about === undefined ? `${command.summary}.` : `${command.summary}.\n\n${about}`)
    .helpOption("-h, --help", "this text")
    .addHelpText("after", `\nExamples:\n${command.examples.map((line) => `  $ ${line}`).join("\n")}`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  if (command.operands !== undefined) parser.argument(command.operands.spec, command.operands.about);
  const options = Object.entries(specs).map(([name, spec]) => ({ name, spec, option: toOption(spec) }));
  for (const { option } of options) parser.addOption(option);

  try {
    parser.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: help };
    throw toUsageError(error, parser.usage(), command);
  }
  const values = parser.opts();
  const read = ({ spec, option }: (typeof options)[number]): unknown => {
    if (option.negate) return values[option.attributeName()] === false;
    return isSwitch(spec) ? values[option.attributeName()] === true : values[option.attributeName()];
  };
  const all = Object.fromEntries(
    options.map((entry) => [entry.name, read(entry)] as const).filter(([, value]) => value !== undefined),
  );
  return {
    kind: "run",
    invocation: { operands: parser.args, options: all as never },
    globals: all as unknown as GlobalOptions,
  };
}

function isSwitch(spec: OptionSpec): boolean {
  return !spec.flag.includes("<");
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flag, spec.about);
  if (spec.choices !== undefined) option.choices(spec.choices);
  const { parse } = spec;
  if (parse !== undefined) {
    option.argParser((text) => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        throw new InvalidArgumentError(error.help === undefined ? error.message : `${error.message}\n${error.help}`);
      }
    });
  }
  return option;
}

/** Commander's text without its prefix; its "(Did you mean …?)", or the help of a value that cannot be read, becomes the help line. */
function toUsageError(error: CommanderError, usage: string, { name, options }: Command): UsageError {
  const [message = "", ...rest] = error.message.replace(/^error: /u, "").split("\n");
  const suggestion = rest
    .join(" ")
    .replace(/^\(|\)$/gu, "")
    .replace(/^Did/u, "did");
  // Other commands take names of processors as they are.
  const isName = error.code === "commander.excessArguments" && "only" in options;
  const isPassedOn = error.code === "commander.unknownOption" && name === "shell";
  const hint = isName
    ? "choose processors with `--only orders,payments`"
    : isPassedOn && suggestion === ""
      ? "what is for mongosh comes after `--`"
      : suggestion;
  const usageLine = `usage: asp ${name} ${usage}`;
  return new UsageError(message, hint === "" ? usageLine : `${hint}\n${usageLine}`);
}
