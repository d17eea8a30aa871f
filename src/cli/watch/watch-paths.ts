import { statSync, watch } from "node:fs";
import { join } from "node:path";
import type { FSWatcher } from "node:fs";
import { findWatchedFolders, isPassing } from "./watched-folders.ts";
import type { WatchedFolders, WatchedPaths } from "./watched-folders.ts";

/** Tells when something changes; folders that come later are followed from the next {@link PathWatch.follow} on. */
export interface PathWatch {
  /** Watches these paths and none that were watched before. */
  readonly follow: (paths: WatchedPaths) => Promise<void>;
  /** Resolves when something has changed since it was last called, and has been quiet for a moment, with the paths that are known. */
  readonly changed: () => Promise<ReadonlySet<string>>;
  readonly close: () => void;
}

/** A save is several events; an editor that renames makes more. */
const quietMs = 50;
/** What never becomes quiet does not keep a round from starting. */
const patienceMs = 1_000;

/** Folder by folder, as a recursive watch is not to be had on every system. */
export function watchPaths(): PathWatch {
  let folders: WatchedFolders = new Map();
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  let isDirty = false;
  let changed = new Set<string>();
  let onEvent = (): void => undefined;

  const noticed = (folder: string, name: string | null): void => {
    const names = folders.get(folder);
    if (name !== null && (names === undefined || isPassing(name) || (names !== "all" && !names.has(name)))) return;
    isDirty = true;
    changed.add(name === null ? folder : join(folder, name));
    onEvent();
  };
  const close = (folder: string): void => {
    watchers.get(folder)?.watcher.close();
    watchers.delete(folder);
  };
  const open = (folder: string): void => {
    const inode = inodeOf(folder);
    // A folder that was removed and made again is another one, and its old watch is deaf.
    if (watchers.get(folder)?.inode === inode) return;
    close(folder);
    if (inode === undefined) return;
    try {
      const watcher = watch(folder, (_, name) => noticed(folder, name));
      watcher.on("error", () => noticed(folder, null));
      watchers.set(folder, { watcher, inode });
    } catch (error) {
      // Gone in between: the folder above has told.
      if (!isGone(error)) throw error;
    }
  };

  return {
    async follow(paths) {
      folders = await findWatchedFolders(paths);
      for (const folder of watchers.keys()) if (!folders.has(folder)) close(folder);
      for (const folder of folders.keys()) open(folder);
    },
    async changed() {
      if (!isDirty) await new Promise<void>((resolve) => (onEvent = resolve));
      const firstMs = performance.now();
      while (isDirty && performance.now() - firstMs < patienceMs) {
        isDirty = false;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      }
      isDirty = false;
      onEvent = () => undefined;
      const told = changed;
      changed = new Set();
      return told;
    },
    close() {
      for (const folder of watchers.keys()) close(folder);
    },
  };
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
