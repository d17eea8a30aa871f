/**
 * `npm run bench [-- names…] [-- --json]`: bundles the benchmarks and what they measure for plain node and runs them there, so that no
 * loader stands between a measurement and what is measured. The command itself is measured as built.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { execa } from "execa";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

// What the build says belongs to stderr: stdout is the result.
await execa("npm", ["run", "build"], { cwd: root, stdout: process.stderr, stderr: "inherit" });
const folder = await mkdtemp(join(root, "node_modules", ".asp-bench-"));
try {
  await build({
    entryPoints: [join(root, "bench/main.ts"), join(root, "bench/heap-child.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    alias: { "asp-toolkit": join(root, "src/index.ts") },
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    define: { "process.env.ASP_ROOT": JSON.stringify(root) },
  });
  const child = await execa(execPath, [join(folder, "main.mjs"), ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    reject: false,
  });
  // Of a child that is killed, for its memory as like as not, nobody hears otherwise.
  if (child.signal !== undefined) process.stderr.write(`FAILED: the benchmarks were ended by ${child.signal}\n`);
  process.exitCode = child.exitCode ?? 128 + constants.signals[child.signal ?? "SIGTERM"];
} finally {
  await rm(folder, { recursive: true, force: true });
}
