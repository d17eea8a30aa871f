import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { probeBinary } from "./probe-binary.ts";

/**
 * The newest mongod in folders of files named `mongod-…-<version>`, as mongodb-memory-server and we name them; or a
 * sentence that says why there is none.
 */
export async function newestThatRuns(
  folders: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ readonly path: string; readonly version: string } | string> {
  const problems: string[] = [];
  for (const { path } of folders.flatMap(binariesIn).toSorted((a, b) => compareVersions(b.version, a.version))) {
    const probe = await probeBinary(path, signal);
    if ("version" in probe) return { path, version: probe.version };
    problems.push(probe.problem);
  }
  return problems.length === 0 ? `nothing in ${folders.join(" or ")}` : problems.join("; ");
}

interface Candidate {
  readonly path: string;
  readonly version: string;
}

function binariesIn(folder: string): readonly Candidate[] {
  return filesIn(folder).flatMap((name) => {
    const version = /^mongod-.*-(?<version>\d+\.\d+\.\d+)(?:\.exe)?$/u.exec(name)?.groups?.["version"];
    // mongodb-memory-server locks a version while it unpacks it.
    if (version === undefined || existsSync(join(folder, `${version}.lock`))) return [];
    return [{ path: join(folder, name), version }];
  });
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
