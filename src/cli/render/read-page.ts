import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { explainPage } from "../../diagnostics/explain-page.ts";
import type { ExplainedPage } from "../../diagnostics/explain-page.ts";

/** Beside `src` and `dist` alike, three levels up. */
const docsDir = fileURLToPath(new URL("../../../docs/errors", import.meta.url));

/** The page of a code, from the running package. */
export function readPage(code: string): ExplainedPage {
  const files = readdirSync(docsDir);
  const read = (file: string): string | undefined => {
    return files.some((name) => file.endsWith(`/${name}`)) ? readFileSync(file, "utf8") : undefined;
  };
  return explainPage(code, { docsDir, read, files });
}
