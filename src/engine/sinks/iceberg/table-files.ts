import { existsSync } from "node:fs";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseTableMetadata, TableError, type TableMetadata } from "../../core/iceberg/table-metadata.ts";
import { keepFolder, syncFolder } from "../capture/write-file.ts";

/** A table as it is on the disk. */
export interface StoredTable {
  readonly version: number;
  readonly metadata: TableMetadata;
}

/** The files of one table, as a Hadoop catalog has them. */
export interface TableFiles {
  /** @throws TableError for what asp cannot go on with */
  load(): Promise<StoredTable | undefined>;
  /** Reads a file by its URL. */
  read(url: string): Promise<Uint8Array>;
  /** Writes a file that nobody names yet, to the disk; gives its URL. */
  write(name: string, bytes: Uint8Array): Promise<string>;
  /** Takes away files that were written in vain. */
  remove(urls: readonly string[]): Promise<void>;
  /** Makes a version of the table the current one. False: somebody else was first. */
  publish(version: number, metadata: TableMetadata): Promise<boolean>;
}

export interface TableFilesOptions {
  /** Of the table, on this machine. */
  readonly dir: string;
  /** Its URL, by which the files of a table name each other. */
  readonly location: string;
  /** Who writes: a name for files on their way. */
  readonly writer: string;
}

/** The file of a table's version, below its folder. */
export function metadataFile(version: number): string {
  return `metadata/v${version}.metadata.json`;
}

export function createTableFiles({ dir, location, writer }: TableFilesOptions): TableFiles {
  const pathOf = (url: string): string => pathIn(dir, location, url);
  const temporary = join(dir, "metadata", `.${writer}.tmp`);
  const hint = join(dir, hintFile);

  return {
    load: async () => {
      const stored = await loadTable(dir);
      if (stored === undefined || stored.metadata.location === location) return stored;
      throw new TableError(`its metadata says that it is at ${stored.metadata.location}`);
    },
    read: (url) => readFile(pathOf(url)),
    write: async (name, bytes) => {
      const path = join(dir, name);
      await keepFolder(dirname(path));
      await writeDurably(path, bytes);
      return `${location}/${name}`;
    },
    remove: async (urls) => {
      for (const url of urls) await rm(pathOf(url), { force: true });
    },
    publish: async (version, metadata) => {
      for (const folder of ["data", "metadata"]) await keepFolder(join(dir, folder));
      // What a version names is on the disk before the version is.
      for (const folder of ["data", "metadata"]) await syncFolder(join(dir, folder));
      await writeDurably(temporary, new TextEncoder().encode(`${JSON.stringify(metadata)}\n`));
      try {
        // Unlike a rename, it does not take the place of what is there.
        await link(temporary, join(dir, metadataFile(version)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
      await syncFolder(join(dir, "metadata"));
      await writeDurably(temporary, new TextEncoder().encode(String(version)));
      await rename(temporary, hint);
      return true;
    },
  };
}

/** Says which version of a table is the current one. */
export const hintFile = "metadata/version-hint.text";

/** Where a file of a table is on this machine. */
export function pathIn(dir: string, location: string, url: string): string {
  return join(dir, url.startsWith(`${location}/`) ? url.slice(location.length + 1) : url);
}

/** The current version of a table in a folder. @throws TableError for what asp does not read */
export async function loadTable(dir: string): Promise<StoredTable | undefined> {
  const version = await findVersion(dir);
  if (version === undefined) return undefined;
  return { version, metadata: parseTableMetadata(await readFile(join(dir, metadataFile(version)), "utf8")) };
}

/** The hint may be behind, after a crash: the versions after it count. */
async function findVersion(dir: string): Promise<number | undefined> {
  const hint = join(dir, hintFile);
  const hinted = existsSync(hint) ? Number(await readFile(hint, "utf8")) : 0;
  let version = Number.isInteger(hinted) && hinted > 0 ? hinted : 0;
  while (existsSync(join(dir, metadataFile(version + 1)))) version += 1;
  return version === 0 ? undefined : version;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
