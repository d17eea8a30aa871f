import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";

/** Every module below a folder, as absolute paths in a stable order; undefined when there is no such folder. */
export async function findModules(dir: string): Promise<readonly string[] | undefined> {
  try {
    const folder = await realpath(dir);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const modules = entries.filter((entry) => !entry.isDirectory() && isModule(entry.name));
    const paths = await Promise.all(
      modules.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        // The bundler knows a file by its real path.
        // One that leads nowhere is an editor's lock, or nothing.
        return entry.isSymbolicLink() ? await realpath(path).catch(() => undefined) : path;
      }),
    );
    return paths
      .filter((path) => path !== undefined)
      .filter((path) => !path.slice(folder.length).includes("node_modules"))
      .toSorted((a, b) => (a < b ? -1 : 1));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw cause;
  }
}

function isModule(name: string): boolean {
  return /\.(ts|mts|js|mjs)$/.test(name) && !/\.(d|test|spec|test-d)\.m?[tj]s$/.test(name) && !name.startsWith(".");
}
