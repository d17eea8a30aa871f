import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished, vi } from "vitest";
import type { CliContext } from "../../src/cli/context.ts";
import { run } from "../../src/cli/run.ts";

// Loading a project for the first time takes a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly isTTY?: boolean;
  /** What somebody at the terminal types; default nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
}

/** Runs a command line in this process, as main.ts would in its own. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd = tmpdir(), env = {}, signal = new AbortController().signal, isTTY = false, ask } = options;
  const written = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr"): CliContext["stdout"] => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY,
  });
  const code = await run(argv, {
    cwd,
    env,
    stdout: collect("stdout"),
    stderr: collect("stderr"),
    ...(ask && { ask }),
    version: "0.0.0-test",
    runtime: { node: "20.0.0", platform: "test" },
    signal,
    forced: new AbortController().signal,
  });
  return { code, ...written };
}

/** A folder with these files, removed when the test ends; paths with `/`. */
export async function makeFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "asp-cli-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await addFiles(folder, files);
  return folder;
}

export async function addFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** All files below a folder with their texts, sorted by path. */
export async function readFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.toSorted().map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const),
  );
  return Object.fromEntries(texts);
}
