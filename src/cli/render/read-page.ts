import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { explainPage } from "../../diagnostics/explain-page.ts";
import type { ExplainedPage } from "../../diagnostics/explain-page.ts";
import type { PackageManifest } from "./page-address.ts";

/** Beside `src` and `dist` alike, three levels up. */
const inPackage = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const docsDir = inPackage("docs/errors");

/** The page of a code, from the running package. */
export function readPage(code: string): ExplainedPage {
  const files = readdirSync(docsDir);
  const read = (file: string): string | undefined => {
    return files.some((name) => file.endsWith(`/${name}`)) ? readFileSync(file, "utf8") : undefined;
  };
  return explainPage(code, { docsDir, read, files });
}

/** package.json of the running package. */
export function readManifest(): PackageManifest {
  return JSON.parse(readFileSync(inPackage("package.json"), "utf8")) as PackageManifest;
}
