import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Where cases are, below the project's folder. */
export const fixturesFolder = join("test", "fixtures");

/** The names of all cases of a project, sorted: each folder under test/fixtures/. */
export async function findCases(cwd: string): Promise<readonly string[]> {
  const dir = join(cwd, fixturesFolder);
  if (!existsSync(dir)) return [];
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .toSorted();
}
