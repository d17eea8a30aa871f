import type { OptionSpec } from "./define-command.ts";
import { UsageError } from "./usage-error.ts";

/** `--suffix`, for the commands that act on a preview of an environment. */
export const suffixOption = {
  flag: "--suffix <text>",
  about: "a preview beside the environment: names of processors and of what they write end with it",
  parse: parseSuffix,
} as const satisfies OptionSpec;

/** What a name of a processor, which is to have 64 characters at most, can end with. */
export function parseSuffix(text: string): string {
  if (/^[A-Za-z0-9][\w-]{0,29}$/u.test(text)) return text;
  throw new UsageError(
    `\`${text}\` cannot end a name`,
    "write a suffix of 1 to 30 letters, digits, `_` and `-` that begins with a letter or a digit: `--suffix pr-42`",
  );
}
