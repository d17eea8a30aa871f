import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it that are missing, from the top. Node's own recursive `mkdir` never comes back from a file system that
 * makes no folders, as `/proc`.
 *
 * @returns the first folder that was missing; undefined where all were there
 * @throws what the file system says: `EPERM` where it makes no folders, `ENOTDIR` or `EEXIST` where a file is in the way
 */
export function makeFolder(path: string, { mode }: { readonly mode?: number } = {}): string | undefined {
  const target = resolve(path);
  if (isFolder(target)) return undefined;
  const missing = [target];
  for (let at = dirname(target); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) make(folder, mode);
  return missing[0];
}

function make(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, mode === undefined ? {} : { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another process may have made it meanwhile.
    if (code === "EEXIST" && isFolder(folder)) return;
    if (code !== "ENOENT" || !isFolder(dirname(folder))) throw error;
    const message = `EPERM: operation not permitted, mkdir '${folder}'`;
    throw Object.assign(new Error(message, { cause: error }), { code: "EPERM", syscall: "mkdir", path: folder });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
