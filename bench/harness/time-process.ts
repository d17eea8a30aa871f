import { execPath } from "node:process";
import { execa } from "execa";

/** Milliseconds that node takes to run to its end. @throws Error where it does not exit with 0. */
export async function timeNode(args: readonly string[], { cwd }: { readonly cwd: string }): Promise<number> {
  const startedAt = performance.now();
  await execa(execPath, args, { cwd });
  return performance.now() - startedAt;
}

/** The package's own folder; the bundle that this runs in lies elsewhere. */
export const root: string = process.env["ASP_ROOT"] ?? process.cwd();
