import { spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";

/** Outlives this process for a moment, to leave no mongod and no folder behind however it ends. */
export interface Supervisor {
  /** Names the mongod to kill. */
  watch(pid: number): void;
  /** The mongod is gone and its folder too: nothing is left to do. */
  dismiss(): Promise<void>;
}

/**
 * Starts a small process that reads a pipe from this one. When the pipe ends without a word of farewell (a crash,
 * SIGKILL), it ends the mongod and removes `folder`. A pipe needs no polling, and no kill can be too sudden for it.
 *
 * `folder` is undefined where the data is to be kept: mongod then gets the time to shut down by itself.
 */
export function startSupervisor(folder: string | undefined, dbPath: string): Supervisor {
  const child = spawn(execPath, ["-e", script, "asp-mongod-supervisor", folder ?? "", dbPath], {
    // A terminal's Ctrl-C goes to the whole process group, which this one must survive.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
    env: {},
  });
  const ended = once(child, "close").catch(() => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  return {
    watch: (pid) => void child.stdin.write(`${pid}\n`),
    dismiss: async () => {
      child.stdin.end("dismissed\n");
      child.ref();
      await ended;
    },
  };
}

// A text and not a module: it must run the same from `src` under a test runner and from `dist`, on any Node.
const script = `
  const { readFileSync, rmSync } = require("node:fs");
  const { join } = require("node:path");
  const [, , folder, dbPath] = process.argv;
  let told = "";
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  process.stdin.on("data", (chunk) => { told += chunk; });
  process.stdin.on("error", () => clean());
  process.stdin.on("end", () => clean());
  const send = (pid, signal) => { try { process.kill(pid, signal); return true; } catch { return false; } };
  const clean = () => {
    const lines = told.split("\\n").filter(Boolean);
    if (lines.at(-1) === "dismissed") process.exit(0);
    const pid = Number(lines[0] ?? lockedBy());
    const deadline = Date.now() + 30000;
    if (pid > 1) send(pid, folder ? "SIGKILL" : "SIGTERM");
    const wait = () => {
      if (pid > 1 && send(pid, 0) && Date.now() < deadline) return setTimeout(wait, 20);
      if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      process.exit(0);
    };
    wait();
  };
  const lockedBy = () => { try { return readFileSync(join(dbPath, "mongod.lock"), "utf8"); } catch { return 0; } };
`;
