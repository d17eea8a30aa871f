import type { CommandContext } from "../context.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Whether a change is wanted: with `--yes`, or where somebody at the terminal says so.
 *
 * @throws UsageError where nobody can be asked
 */
export async function confirm(question: string, yes: boolean, { ask }: Pick<CommandContext, "ask">): Promise<boolean> {
  if (yes) return true;
  if (ask === undefined) {
    throw new UsageError("nobody can be asked: stdin is no terminal", "add `--yes` to do it without a question");
  }
  return /^y(es)?$/iu.test((await ask(`${question} [y/N] `)).trim());
}
