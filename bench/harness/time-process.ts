import { execPath } from "node:process";
import { execa } from "execa";

/** Milliseconds that node takes to run to its end, with `env` beside the own variables. @throws Error where it does not exit with 0. */
export async function timeNode(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<number> {
  const startedAt = performance.now();
  await execa(execPath, args, { cwd, env });
  return performance.now() - startedAt;
}

/** The package's own folder; the bundle that this runs in lies elsewhere. */
export const root: string = process.env["ASP_ROOT"] ?? process.cwd();
