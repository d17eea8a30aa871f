import { rename, rm, writeFile } from "node:fs/promises";

/** Writes a whole file or leaves what was there: a full disk must not leave half a definition. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.asp-new`;
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    // What fails while it writes does not say where.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}
