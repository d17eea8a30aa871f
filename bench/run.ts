/**
 * `npm run bench [-- names…] [-- --json]`: builds the package, bundles the benchmarks against what was built and runs them on plain
 * node, so that no loader stands between a measurement and what is measured.
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
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    define: { "process.env.ASP_ROOT": JSON.stringify(root) },
    plugins: [
      {
        name: "asp-as-built",
        setup({ onResolve }) {
          const built = (path: string): { path: string; external: true } => ({
            path: join(root, path),
            external: true,
          });
          onResolve({ filter: /^asp-toolkit$/ }, () => built("dist/index.js"));
          onResolve({ filter: /^(\.\.\/)+src\// }, ({ path }) =>
            built(path.replace(/^(\.\.\/)+src/, "dist").replace(/\.ts$/, ".js")),
          );
        },
      },
    ],
  });
  const child = await execa(execPath, [join(folder, "main.mjs"), ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = child.exitCode ?? 128 + constants.signals[child.signal ?? "SIGTERM"];
} finally {
  await rm(folder, { recursive: true, force: true });
}
