import { AspError } from "../diagnostics/asp-error.ts";

const install = "install MongoDB 6.0 or newer so that `mongod` is on the PATH, or set MONGOMS_SYSTEM_BINARY to one";

/** No step of the supply gave a mongod; `tried` has a line for each. */
export function noMongod(tried: readonly string[]): AspError {
  return new AspError("ASP5200", ["no mongod was found:", ...tried.map((line) => `  - ${line}`)].join("\n"), {
    help: install,
  });
}

/** A binary that was asked for by name does not work: falling back would run another server than the one named. */
export function unusableMongod(path: string, reason: string): AspError {
  return new AspError("ASP5201", `MONGOMS_SYSTEM_BINARY is set to ${path}, which cannot be used: ${reason}`, {
    help: "correct the variable, or unset it to let asp choose a mongod",
  });
}

/** It started and ended, or never answered. */
export function mongodDidNotStart(reason: string, cause?: unknown): AspError {
  return new AspError("ASP5202", `mongod did not start: ${reason}`, {
    help: /no space left|disk is full/iu.test(reason)
      ? "free some space, or set TMPDIR to a folder on another disk"
      : "run `asp doctor` to see which mongod is used and why",
    cause,
  });
}

/** The folder for its data, or the cache, cannot be written. */
export function cannotWrite(what: string, folder: string, cause: unknown): AspError {
  return new AspError("ASP5203", `${what} ${folder} cannot be written: ${describeIoError(cause)}`, {
    help: "free some space or allow writing there, or set TMPDIR (data) or XDG_CACHE_HOME (cache) to another folder",
    cause,
  });
}

/** `no space left on device` rather than `ENOSPC: no space left on device, write`. */
export function describeIoError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^E[A-Z]+: (?<words>[^,]+)/u.exec(text)?.groups?.["words"] ?? text;
}
