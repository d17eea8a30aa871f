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

/** The codes of all pages, in order, each with its heading. */
export function listPages(): readonly { readonly code: string; readonly title: string }[] {
  const files = readdirSync(docsDir).filter((name) => /^ASP\d{4}\.md$/u.test(name));
  return files.toSorted().map((name) => {
    const [heading = ""] = readFileSync(`${docsDir}/${name}`, "utf8").split("\n", 1);
    const code = name.slice(0, -3);
    return { code, title: heading.replace(/^# ASP\d{4}: /u, "") };
  });
}

/** package.json of the running package. */
export function readManifest(): PackageManifest {
  return JSON.parse(readFileSync(inPackage("package.json"), "utf8")) as PackageManifest;
}
