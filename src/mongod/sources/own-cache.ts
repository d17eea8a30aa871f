import { cacheFolder } from "./cache-folder.ts";
import { newestThatRuns } from "./newest-that-runs.ts";
import type { MongodSource } from "./source.ts";

/** What an earlier run unpacked. */
export const ownCache: MongodSource = {
  origin: "asp-cache",
  async find({ env, signal }) {
    const folder = cacheFolder(env);
    const found = await newestThatRuns([folder], signal);
    return typeof found === "string" ? found : { ...found, reason: `${found.path} was downloaded earlier` };
  },
};
