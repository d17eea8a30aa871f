/**
 * Compiles `src` into `dist` with tsc, then removes what no source file stands behind any more.
 *
 * The folder is never emptied first: a build may run while something else uses the last one.
 */
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

const { exitCode } = await execaNode(
  join(root, "node_modules/typescript/bin/tsc"),
  ["-p", join(root, "tsconfig.build.json")],
  { stdio: "inherit", reject: false, nodeOptions: [] },
);
if (exitCode === 0) {
  for (const stale of staleFiles(dist)) rmSync(stale);
  chmodSync(join(dist, "cli/main.js"), 0o755);
}
process.exitCode = exitCode ?? 1;

function staleFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:d\.ts|js)$/u.test(name))
    .filter((name) => !existsSync(join(root, "src", name.replace(/\.(?:d\.ts|js)$/u, ".ts"))))
    .map((name) => join(folder, name));
}
