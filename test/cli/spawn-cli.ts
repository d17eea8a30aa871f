import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** As built: signals, exit codes and what stays behind are the process's. */
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface SpawnedCli {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves once stderr holds the text; rejects when the process ends without it. */
  readonly stderrHas: (text: string | RegExp) => Promise<string>;
  /** Resolves once stdout has so many whole lines, with all of them; rejects when the process ends with fewer. */
  readonly stdoutLines: (count: number) => Promise<readonly string[]>;
  readonly result: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** What the process left in its temporary folder. */
  readonly leftovers: () => Promise<readonly string[]>;
  /** Pids of the processes below it: the mongod and who watches over it. */
  readonly descendants: () => Promise<readonly number[]>;
}

/** Starts `asp` with a temporary folder of its own. */
export async function spawnCli(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<SpawnedCli> {
  const temporary = await mkdtemp(join(tmpdir(), "asp-cli-tmp-"));
  const { CI: _, NO_COLOR: __, ...inherited } = process.env;
  const child = spawn(execPath, [main, ...argv], {
    cwd: options.cwd,
    env: { ...inherited, TMPDIR: temporary, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      for (const check of waiting) check();
    });
  }
  const closed = once(child, "close") as Promise<[number | null]>;
  const result = closed.then(([code]) => ({ code, ...written }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
    await rm(temporary, { recursive: true, force: true });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("asp was not started");

  const until = <Value>(find: () => Value | undefined, wanted: string): Promise<Value> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
      void result.then(({ code, stderr }) => {
        reject(new Error(`asp ended with ${code} and without ${wanted}:\n${stderr}`));
      });
    });

  return {
    pid,
    kill: (signal) => void child.kill(signal),
    result,
    stderrHas: (text) => {
      const isThere = (): boolean =>
        typeof text === "string" ? written.stderr.includes(text) : text.test(written.stderr);
      return until(() => (isThere() ? written.stderr : undefined), `${String(text)} on stderr`);
    },
    stdoutLines: (count) =>
      until(() => {
        const lines = written.stdout.split("\n").slice(0, -1);
        return lines.length < count ? undefined : lines;
      }, `${count} lines on stdout`),
    leftovers: () => readdir(temporary),
    descendants: () => descendantsOf(pid),
  };
}

async function descendantsOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const children = text.trim().split(" ").filter(Boolean).map(Number);
  const below = await Promise.all(children.map(descendantsOf));
  return [...children, ...below.flat()];
}

/** True while a process of that id is there and no zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  return status !== undefined && !/^State:\s+Z/mu.test(status);
}
