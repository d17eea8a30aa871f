/** Global options that take a value; kept beside the scan, which has to step over the values. */
const takesValue = /^(?:--config|--env|-[qv]*e)$/u;

/** The command's name and what is left without it: global options may stand on both sides. */
export interface Found {
  readonly name: string | undefined;
  readonly rest: readonly string[];
}

/** Finds the first argument that is neither an option nor the value of a global one. */
export function findCommand(argv: readonly string[]): Found {
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (argument === "--") break;
    if (takesValue.test(argument)) index += 1;
    else if (!argument.startsWith("-")) return { name: argument, rest: argv.toSpliced(index, 1) };
  }
  return { name: undefined, rest: argv };
}
