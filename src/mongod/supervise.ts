import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { execPath, kill } from "node:process";
import { cannotWrite } from "./errors.ts";
import { readLog } from "./mongod-log.ts";

/** A mongod that cannot outlive this process. */
export interface Supervised {
  readonly pid: number;
  readonly dbPath: string;
  /** Resolves with why, once it has ended and its temporary folder is gone. */
  readonly ended: Promise<string>;
  readonly portTaken: () => boolean;
  /** Ends it: at once where its folder goes too, otherwise with the time to shut down. Resolves after `ended`. */
  readonly end: () => Promise<void>;
}

/**
 * Starts a mongod as the child of a small process, which reads a pipe from this one.
 *
 * When the pipe ends, by `end`, a crash or SIGKILL, that process ends the mongod and removes its folder. It makes the
 * folder and starts the mongod itself, so that there is no moment in which a kill would leave one of them; and a pipe
 * needs no polling.
 *
 * @throws AspError ASP5203 where the folder cannot be made.
 */
export async function startSupervised(options: {
  readonly binary: string;
  /** All but `--dbpath`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data to be kept lies in `path`; a temporary folder is made inside of `parent`. */
  readonly data: { readonly path: string } | { readonly parent: string };
}): Promise<Supervised> {
  const order = JSON.stringify({ ...options.data, binary: options.binary, args: options.args });
  const supervisor = spawn(execPath, ["-e", script, "asp-mongod-supervisor", order], {
    // A terminal's Ctrl-C goes to the whole process group: mongod must be up until the checkpoints are written.
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    windowsHide: true,
    // What is meant for this process (a debugger, a loader) is not meant for that one.
    env: { ...options.env, NODE_OPTIONS: "" },
  });
  supervisor.stdin.on("error", () => undefined);
  const log = readLog([supervisor.stdout, supervisor.stderr]);
  const news = createInterface({ input: supervisor.stdio[3] as Readable });
  const closed = new Promise<string | undefined>((resolve) => {
    supervisor.once("error", (error) => resolve(error.message));
    supervisor.once("close", () => resolve(undefined));
  });

  let how = unsupervised;
  const started = new Promise<Started | Refused>((resolve) => {
    news.on("line", (line) => {
      const said = JSON.parse(line) as Started | Refused | { readonly how: string };
      if ("how" in said) how = said.how;
      else resolve(said);
    });
    void closed.then((problem) => resolve({ refused: problem ?? how }));
  });
  const said = await started;
  if ("refused" in said) {
    supervisor.stdin.end();
    throw "parent" in options.data
      ? cannotWrite("the temporary folder", options.data.parent, new Error(said.refused))
      : cannotWrite("the data folder", options.data.path, new Error(said.refused));
  }
  // From here on, nothing of it keeps this process alive: whoever uses the mongod has a socket open.
  supervisor.unref();
  for (const stream of supervisor.stdio) (stream as { unref?: () => void } | null)?.unref?.();
  void closed.then(() => {
    if (how === unsupervised) killQuietly(said.pid);
  });
  return {
    ...said,
    ended: closed.then(() => (log.complaint() === undefined ? how : `${how}: ${log.complaint()}`)),
    portTaken: log.portTaken,
    end: async () => {
      supervisor.ref();
      supervisor.stdin.end();
      await closed;
    },
  };
}

const unsupervised = "its supervisor was killed";

function killQuietly(pid: number): void {
  try {
    kill(pid, "SIGKILL");
  } catch {
    // It was gone already.
  }
}

interface Started {
  readonly pid: number;
  readonly dbPath: string;
}
interface Refused {
  readonly refused: string;
}

// A text and not a module: it must run the same from `src` under a test runner and from `dist`, on any Node.
const script = `
  const { spawn } = require("node:child_process");
  const { mkdirSync, mkdtempSync, rmSync, writeSync } = require("node:fs");
  const { join } = require("node:path");
  const { path, parent, binary, args } = JSON.parse(process.argv[2]);
  const tell = (news) => { try { writeSync(3, JSON.stringify(news) + "\\n"); } catch {} };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  let folder;
  try {
    if (path === undefined) folder = mkdtempSync(join(parent, "asp-mongod-"));
    else mkdirSync(path, { recursive: true });
  } catch (error) {
    tell({ refused: error.message });
    process.exit();
  }
  const dbPath = folder ?? path;
  const mongod = spawn(binary, [...args, "--dbpath", dbPath], { stdio: ["ignore", "inherit", "inherit"] });
  const clean = (how) => {
    try {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    } catch {}
    tell({ how });
    process.exit();
  };
  mongod.on("error", (error) => clean(error.message));
  mongod.on("exit", (code, signal) => clean(signal === null ? "it exited with " + code : "it was ended by " + signal));
  tell({ pid: mongod.pid ?? 0, dbPath });
  const end = () => {
    mongod.kill(folder === undefined ? "SIGTERM" : "SIGKILL");
    setTimeout(() => mongod.kill("SIGKILL"), 20000);
  };
  process.stdin.on("error", end).on("end", end).resume();
`;
