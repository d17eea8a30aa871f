import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { platform } from "node:process";
import { probeBinary } from "./probe-binary.ts";
import type { MongodSource, Search } from "./source.ts";

/** A mongod that is installed. */
export const onPath: MongodSource = {
  origin: "PATH",
  async find({ env, signal }) {
    const paths = filesOnPath(platform === "win32" ? "mongod.exe" : "mongod", env);
    const problems: string[] = [];
    for (const path of paths) {
      const probe = await probeBinary(path, signal);
      if ("version" in probe) return { path, version: probe.version, reason: `${path} is on the PATH` };
      problems.push(probe.problem);
    }
    return problems.length === 0 ? "no mongod on the PATH" : problems.join("; ");
  },
};

/** Every file of that name in the folders of PATH, in their order. */
export function filesOnPath(name: string, env: Search["env"]): readonly string[] {
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...new Set(folders)].map((folder) => join(folder, name)).filter((path) => existsSync(path));
}
