import { rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../../mongod/make-folder.ts";

/** A file of a project, its path relative to the project's folder, with `/`. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
  /** One that a project may have already: kept, where it is there. */
  readonly optional?: boolean;
}

/** Writes all of them or none: what was made before something failed is taken away again. Overwrites nothing. */
export async function writeFiles(root: string, files: readonly ProjectFile[]): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    for (const { path, text } of files) {
      const target = join(root, path);
      const top = makeFolder(dirname(target));
      if (top !== undefined) undo.push(() => removeEmptyFolders(dirname(target), top));
      await writeFile(target, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
        // A disk that filled up leaves half a file; one that somebody else made meanwhile is theirs.
        if (error.code !== "EEXIST") undo.push(() => rm(target, { force: true }));
        throw Object.assign(error, { path: target });
      });
      undo.push(() => rm(target, { force: true }));
    }
  } catch (error) {
    for (const step of undo.toReversed()) await step().catch(() => undefined);
    throw error;
  }
}

/** From the innermost folder up to the first that was made; one that holds something else stays. */
async function removeEmptyFolders(innermost: string, top: string): Promise<void> {
  for (let folder = innermost; folder.startsWith(top); folder = dirname(folder)) await rmdir(folder);
}
