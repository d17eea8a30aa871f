import { platform } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { mongodDidNotStart } from "./errors.ts";
import { findMongod } from "./find-mongod.ts";
import { freePort } from "./free-port.ts";
import { initiate, replicaSet } from "./initiate.ts";
import type { FindMongodOptions, Mongod, MongodBinary } from "./mongod.ts";
import { temporaryFolder } from "./sources/cache-folder.ts";
import { startSupervised, type Supervised } from "./supervise.ts";

export interface StartMongodOptions extends FindMongodOptions {
  /** Kept on stop; without it the data lies in a temporary folder that goes with the process. */
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
    if (attempt === 5) throw mongodDidNotStart("every port it was given was taken by another process");
  }
}

async function launch(binary: MongodBinary, options: StartMongodOptions): Promise<Mongod | "port taken"> {
  const port = await freePort();
  const { dbPath, env, signal, cacheSizeGB = 0.25 } = options;
  const supervised = await startSupervised({
    binary: binary.path,
    args: mongodArguments(port, cacheSizeGB),
    env,
    data: dbPath === undefined ? { parent: temporaryFolder(env) } : { path: dbPath },
  });
  try {
    await initiate({ port, ended: supervised.ended, keepsData: dbPath !== undefined, signal });
  } catch (error) {
    // A mongod that dies while it is talked to has better words than the driver's "connection closed".
    const ended = signal?.aborted === true ? undefined : await Promise.race([supervised.ended, sleep(500)]);
    await supervised.end();
    signal?.throwIfAborted();
    if (supervised.portTaken()) return "port taken";
    throw mongodDidNotStart(ended ?? (error instanceof Error ? error.message : String(error)), error);
  }
  return new RunningMongod(supervised, port, binary);
}

function mongodArguments(port: number, cacheSizeGB: number): readonly string[] {
  const parameters = {
    // An idle change stream advances with the no-ops; the default is ten seconds.
    writePeriodicNoops: true,
    periodicNoopIntervalSecs: 1,
    diagnosticDataCollectionEnabled: false,
  };
  return [
    ...["--port", String(port), "--bind_ip", "127.0.0.1", "--replSet", replicaSet],
    ...["--wiredTigerCacheSizeGB", String(cacheSizeGB), "--quiet"],
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
  readonly #supervised: Supervised;
  #stopped: Promise<void> | undefined;

  constructor(supervised: Supervised, port: number, binary: MongodBinary) {
    this.uri = `mongodb://127.0.0.1:${port}/?replicaSet=${replicaSet}`;
    this.pid = supervised.pid;
    this.binary = binary;
    this.#supervised = supervised;
    this.died = new Promise((resolve) => {
      void supervised.ended.then((reason) => {
        if (this.#stopped === undefined) resolve(reason);
      });
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#supervised.end();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
