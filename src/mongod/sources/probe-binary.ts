import { execa } from "execa";

/** The oldest server whose change streams and `$documents` the engine relies on. */
const oldestMajor = 6;

export type Probe = { readonly version: string } | { readonly problem: string };

/** Runs `mongod --version`: a file that is there need not be whole, nor made for this machine. */
export async function probeBinary(path: string, signal?: AbortSignal): Promise<Probe> {
  const first = await run(path, signal);
  // Another thread of this process may have forked while the file was still open for writing.
  const result = first.code === "ETXTBSY" ? await run(path, signal) : first;
  signal?.throwIfAborted();
  const version = /db version v(?<version>\d+\.\d+\.\d+\S*)/u.exec(result.stdout)?.groups?.["version"];
  if (version === undefined) return { problem: `${path} ${whyNot(result)}` };
  if (Number.parseInt(version, 10) < oldestMajor) {
    return { problem: `${path} is mongod ${version}, and ${oldestMajor}.0 is the oldest that works` };
  }
  return { version };
}

interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly code?: string | undefined;
  readonly timedOut: boolean;
}

async function run(path: string, signal: AbortSignal | undefined): Promise<Result> {
  const result = await execa(path, ["--version"], {
    reject: false,
    timeout: 10_000,
    stdin: "ignore",
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  return { stdout: result.stdout, stderr: result.stderr, code: result.code, timedOut: result.timedOut };
}

function whyNot({ code, stderr, timedOut }: Result): string {
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES") return "may not be executed";
  if (timedOut) return "did not answer `--version` within ten seconds";
  const complaint = stderr.trim().split("\n")[0] ?? "";
  return complaint === "" ? "does not run as a mongod here" : `does not run here: ${complaint}`;
}
