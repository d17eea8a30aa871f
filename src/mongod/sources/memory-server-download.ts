import { createRequire } from "node:module";
import { execPath } from "node:process";
import { execa } from "execa";
import { probeBinary } from "./probe-binary.ts";
import type { MongodSource, Search } from "./source.ts";

/** Supported on every platform that MongoDB builds for; Debian 12 has no 6.0. */
const pinned = "7.0.28";
const connectMs = 5000;

/**
 * mongodb-memory-server's own download, into its own cache.
 *
 * It runs in a process of its own: it prints to stdout and, unreachable, two stack traces; and it retries for seven
 * seconds where five without a first byte are enough to know.
 */
export const memoryServerDownload: MongodSource = {
  origin: "memory-server-download",
  async find(search) {
    if (search.env["MONGOMS_RUNTIME_DOWNLOAD"] === "false") return "switched off by MONGOMS_RUNTIME_DOWNLOAD";
    if (!search.download) return `mongod ${pinned} would be downloaded at the first start`;
    const path = await download(search);
    if (typeof path !== "string") return path.problem;
    const probe = await probeBinary(path, search.signal);
    if ("problem" in probe) return probe.problem;
    return { path, version: probe.version, reason: `mongodb-memory-server downloaded ${path}` };
  },
};

async function download({ env, signal, onProgress }: Search): Promise<string | { readonly problem: string }> {
  const require = createRequire(import.meta.url);
  const child = execa(execPath, ["-e", script, require.resolve("mongodb-memory-server-core")], {
    reject: false,
    stdin: "ignore",
    extendEnv: false,
    env: { ...env, MONGOMS_MAX_RETRIES: "1", MONGOMS_SYSTEM_BINARY: "", MONGOMS_RUNTIME_DOWNLOAD: "true" },
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  let connected = false;
  const impatient = setTimeout(() => void child.kill(), connectMs);
  for await (const line of child.iterable({ from: "stdout" })) {
    const size = /\/ (?<megabytes>[\d.]+)mb/u.exec(line)?.groups?.["megabytes"];
    if (connected || size === undefined) continue;
    connected = true;
    clearTimeout(impatient);
    onProgress?.(`Downloading mongod ${pinned} (${Math.round(Number(size))} MB), once…`);
  }
  const { exitCode, stdout, stderr } = await child;
  clearTimeout(impatient);
  signal?.throwIfAborted();
  const path = /^path: (?<path>.+)$/mu.exec(stdout)?.groups?.["path"];
  if (exitCode === 0 && path !== undefined) return path;
  const complaint = /^problem: (?<problem>.+)$/mu.exec(stderr)?.groups?.["problem"];
  if (!connected && complaint === undefined) return { problem: `no answer within ${connectMs / 1000} seconds` };
  return { problem: complaint ?? "the download was broken off" };
}

const script = `
  const { MongoBinary } = require(process.argv[1]);
  MongoBinary.getPath({ version: "${pinned}" }).then(
    (path) => console.log("path: " + path),
    (error) => {
      console.error("problem: " + String(error.message).replaceAll(/\\s+/g, " "));
      process.exitCode = 1;
    },
  );
`;
