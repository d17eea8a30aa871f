import { pathToFileURL } from "node:url";

/**
 * Imports a file by its path. The one place with an `import()` of what is not known before: the build gives it that of the process,
 * since a script that V8 has kept has none (`src/cli/load-kept-code.ts`).
 */
export async function importFile(path: string): Promise<unknown> {
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as unknown;
}
