import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { namesOf } from "./names-of-tests.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(`${root}docs/emulator-api.md`, "utf8");
const tags = ["spec", "recorded", "client-implied", "guess"];

interface Row {
  readonly behaviour: string;
  readonly tag: string;
  readonly shownBy: string;
}

const rowsOf = (title: string): readonly Row[] => {
  const [, section = ""] = page.split(`\n## ${title}\n`);
  const lines = (section.split("\n## ")[0] ?? "").split("\n");
  // Other tables, as that of operations, have headings of their own.
  const tables = lines
    .join("\n")
    .split("\n\n")
    .filter((part) => part.startsWith("| behaviour "));
  return tables
    .flatMap((table) => table.trim().split("\n").slice(2))
    .map((line): Row => {
      const [behaviour = "", tag = "", shownBy = "", ...rest] = line.slice(2, -2).split(" | ");
      if (rest.length > 0) throw new Error(`too many cells: ${line}`);
      return { behaviour, tag, shownBy };
    });
};

test.each(["Wire protocol", "Admin API"])("the rules of the section %s are many", (title) => {
  expect(rowsOf(title).length).toBeGreaterThan(40);
});

test.each([...rowsOf("Wire protocol"), ...rowsOf("Admin API")])("$tag: $behaviour", ({ tag, shownBy }) => {
  expect(tags).toContain(tag);
  const [, file = "", words = ""] = /^`([^`]+\.test\.ts)` "([^"]+)"$/u.exec(shownBy) ?? [];
  expect(namesOf(`${root}test/${file}`).filter((name) => name.includes(words))).not.toEqual([]);
});
