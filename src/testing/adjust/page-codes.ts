import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Beside `src` and `dist` alike, three levels up. */
const docsDir = fileURLToPath(new URL("../../../docs/errors", import.meta.url));

/** Every code there is: each has a page. */
export function pageCodes(): readonly string[] {
  return readdirSync(docsDir).flatMap((name) => (/^ASP\d{4}\.md$/.test(name) ? [name.slice(0, -3)] : []));
}
