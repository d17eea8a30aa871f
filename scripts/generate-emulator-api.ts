/** Writes the operations of the Admin API into docs/emulator-api.md: `npx tsx scripts/generate-emulator-api.ts`. A test says whether they are current. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Operation } from "../src/emulator/admin/operation.ts";
import { operations } from "../src/emulator/admin/operations/all-operations.ts";

const begin = "<!-- operations: npx tsx scripts/generate-emulator-api.ts -->";
const end = "<!-- end of operations -->";

export const emulatorApiPage = fileURLToPath(new URL("../docs/emulator-api.md", import.meta.url));

/** The page with the table of operations as the code has it. */
export function withOperations(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error("the page has no place for the operations");
  return `${page.slice(0, from)}${begin}\n\n${renderOperations()}\n\n${page.slice(to)}`;
}

function renderOperations(): string {
  return [
    "| operation | request | from | answer | needs |",
    "| --- | --- | --- | --- | --- |",
    ...operations.map(toRow),
  ].join("\n");
}

function toRow({ id, method, path, versions, format, status, needs }: Operation): string {
  const request = `\`${method} ${path.replace("/groups/{groupId}", "…")}\``;
  const date = versions.join(", ") + (format === "gzip" ? " +gzip" : "");
  return `| \`${id}\` | ${request} | ${date} | ${status} | ${needs} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(emulatorApiPage, withOperations(readFileSync(emulatorApiPage, "utf8")));
}
