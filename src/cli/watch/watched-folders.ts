import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** What is watched: files, and folders with all that is in them, whether they are there or not. */
export interface WatchedPaths {
  readonly cwd: string;
  readonly files: readonly string[];
  readonly trees: readonly string[];
}

/** Folder → which of the names in it matter. */
export type WatchedFolders = ReadonlyMap<string, ReadonlySet<string> | "all">;

/**
 * The folders in which a change of those paths shows: those of the trees, and those above a path, as it may be put in its place
 * later, or be replaced by a rename.
 */
export async function findWatchedFolders({ cwd, files, trees }: WatchedPaths): Promise<WatchedFolders> {
  const folders = new Map<string, Set<string> | "all">();
  const watchName = (path: string): void => {
    const folder = dirname(path);
    const names = folders.get(folder) ?? new Set();
    if (names !== "all") folders.set(folder, names.add(basename(path)));
  };
  for (const path of [...files, ...trees].map((each) => resolve(cwd, each))) {
    for (let each = path; ; each = dirname(each)) {
      watchName(each);
      // Above the project, only the file's own folder.
      if (!isInside(cwd, dirname(each)) || dirname(each) === cwd) break;
    }
  }
  for (const tree of trees) {
    for (const folder of await foldersIn(resolve(cwd, tree))) folders.set(folder, "all");
  }
  return folders;
}

/** Files that an editor keeps beside the one that is edited. */
export function isPassing(name: string): boolean {
  return /^\.|~$|\.(?:sw[a-z]|tmp)$|^4913$/.test(name);
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const inner = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
    const below = await Promise.all(inner.map(({ name }) => foldersIn(join(folder, name))));
    return [folder, ...below.flat()];
  } catch {
    // Gone, or not there yet: the folder above tells when it comes.
    return [];
  }
}
