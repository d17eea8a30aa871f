import { join } from "node:path";
import { homeFolder } from "./cache-folder.ts";
import { newestThatRuns } from "./newest-that-runs.ts";
import type { MongodSource } from "./source.ts";

/** What mongodb-memory-server downloaded for whatever project: its folder for all projects, or the one it was told. */
export const memoryServerCache: MongodSource = {
  origin: "memory-server-cache",
  async find({ env, signal }) {
    const found = await newestThatRuns(memoryServerFolders(env), signal);
    return typeof found === "string" ? found : { ...found, reason: `mongodb-memory-server has ${found.path}` };
  },
};

function memoryServerFolders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const told = env["MONGOMS_DOWNLOAD_DIR"] ?? "";
  return [...(told === "" ? [] : [told]), join(homeFolder(env), ".cache/mongodb-binaries")];
}
