import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { platform } from "node:process";
import { probeBinary } from "./probe-binary.ts";
import type { MongodSource } from "./source.ts";

/** A mongod that is installed. */
export const onPath: MongodSource = {
  origin: "PATH",
  async find({ env, signal }) {
    const name = platform === "win32" ? "mongod.exe" : "mongod";
    const paths = (env["PATH"] ?? env["Path"] ?? "")
      .split(delimiter)
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, name))
      .filter((path) => existsSync(path));
    const problems: string[] = [];
    for (const path of new Set(paths)) {
      const probe = await probeBinary(path, signal);
      if ("version" in probe) return { path, version: probe.version, reason: `${path} is on the PATH` };
      problems.push(probe.problem);
    }
    return problems.length === 0 ? "no mongod on the PATH" : problems.join("; ");
  },
};
