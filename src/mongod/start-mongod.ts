import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "node:process";
import { cannotWrite, mongodDidNotStart } from "./errors.ts";
import { findMongod } from "./find-mongod.ts";
import { freePort } from "./free-port.ts";
import { initiate, replicaSet } from "./initiate.ts";
import { collectLog, type MongodLog } from "./mongod-log.ts";
import type { FindMongodOptions, Mongod, MongodBinary } from "./mongod.ts";
import { startSupervisor, type Supervisor } from "./supervise.ts";

export interface StartMongodOptions extends FindMongodOptions {
  /** Kept on stop; without it the data lives in a temporary folder that goes with the process. */
  readonly dbPath?: string;
  /** Default 0.25. */
  readonly cacheSizeGB?: number;
}

/**
 * Starts a single-node replica set on loopback and resolves once it takes writes.
 *
 * However this process ends, SIGKILL included, the mongod ends too and its temporary folder is removed.
 *
 * @throws AspError ASP5200 (no mongod), ASP5201 (a wrong MONGOMS_SYSTEM_BINARY), ASP5202 (it does not start),
 * ASP5203 (its folder cannot be written).
 */
export async function startMongod(options: StartMongodOptions): Promise<Mongod> {
  const binary = await findMongod(options);
  // Another process may take the port between our asking for it and mongod's binding it.
  for (let attempt = 1; ; attempt += 1) {
    const launched = await launch(binary, options);
    if (launched !== "port taken") return launched;
    if (attempt === 5) throw mongodDidNotStart(binary.path, "every port it was given was taken by another process");
  }
}

async function launch(binary: MongodBinary, options: StartMongodOptions): Promise<Mongod | "port taken"> {
  const folder = options.dbPath === undefined ? makeTemporaryFolder() : undefined;
  const dbPath = folder ?? makeFolder(options.dbPath ?? "");
  const port = await freePort();
  const supervisor = startSupervisor(folder, dbPath);
  const child = spawn(binary.path, mongodArguments({ port, dbPath, cacheSizeGB: options.cacheSizeGB ?? 0.25 }), {
    // A terminal's Ctrl-C must leave mongod up until the processors have written their checkpoints.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  if (child.pid !== undefined) supervisor.watch(child.pid);
  const log = collectLog(child);
  const running = new RunningMongod({ child, supervisor, log, folder, port, binary });
  try {
    await initiate({ port, ended: running.ended, keepsData: folder === undefined, signal: options.signal });
    return running;
  } catch (error) {
    const reason = log.reason();
    await running.stop();
    options.signal?.throwIfAborted();
    if (log.portTaken()) return "port taken";
    throw mongodDidNotStart(binary.path, reason ?? (error instanceof Error ? error.message : String(error)), error);
  }
}

function mongodArguments(at: { port: number; dbPath: string; cacheSizeGB: number }): readonly string[] {
  const parameters = {
    // An idle change stream advances with the no-ops; the default is ten seconds.
    writePeriodicNoops: true,
    periodicNoopIntervalSecs: 1,
    diagnosticDataCollectionEnabled: false,
  };
  return [
    ...["--port", String(at.port), "--bind_ip", "127.0.0.1", "--dbpath", at.dbPath, "--replSet", replicaSet],
    ...["--wiredTigerCacheSizeGB", String(at.cacheSizeGB), "--quiet"],
    // The socket file would lie outside of the folder that is removed at the end.
    ...(platform === "win32" ? [] : ["--nounixsocket"]),
    ...Object.entries(parameters).flatMap(([name, value]) => ["--setParameter", `${name}=${value}`]),
  ];
}

class RunningMongod implements Mongod {
  readonly uri: string;
  readonly pid: number;
  readonly binary: MongodBinary;
  readonly died: Promise<string>;
  /** Like `died`, but also resolves after `stop`. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #supervisor: Supervisor;
  readonly #folder: string | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: {
    readonly child: ChildProcess;
    readonly supervisor: Supervisor;
    readonly log: MongodLog;
    readonly folder: string | undefined;
    readonly port: number;
    readonly binary: MongodBinary;
  }) {
    this.#child = parts.child;
    this.#supervisor = parts.supervisor;
    this.#folder = parts.folder;
    this.uri = `mongodb://127.0.0.1:${parts.port}/?replicaSet=${replicaSet}`;
    this.pid = parts.child.pid ?? 0;
    this.binary = parts.binary;
    this.ended = parts.log.ended;
    this.died = new Promise((resolve) => {
      void parts.log.ended.then((reason) => {
        if (this.#stopped === undefined) resolve(reason);
      });
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    // Nothing in a temporary folder is worth a clean shutdown, which takes a second.
    this.#child.kill(this.#folder === undefined ? "SIGTERM" : "SIGKILL");
    const impatient = setTimeout(() => this.#child.kill("SIGKILL"), 20_000);
    await this.ended;
    clearTimeout(impatient);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    await this.#supervisor.dismiss();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function makeTemporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "asp-mongod-"));
  } catch (error) {
    throw cannotWrite("the temporary folder", tmpdir(), error);
  }
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (error) {
    throw cannotWrite("the data folder", path, error);
  }
}
