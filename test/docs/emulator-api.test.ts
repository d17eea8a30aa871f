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

/** Rules stand in tables that say so. */
const rows = page
  .split("\n\n")
  .filter((table) => table.startsWith("| behaviour | tag |"))
  .flatMap((table) => table.split("\n").slice(2))
  .filter((line) => line.startsWith("| "))
  .map((line): Row => {
    const [behaviour = "", tag = "", shownBy = "", ...rest] = line.slice(2, -2).split(" | ");
    if (rest.length > 0) throw new Error(`too many cells: ${line}`);
    return { behaviour, tag, shownBy };
  });

test("the rules are many, and most of them are no guesses", () => {
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter(({ tag }) => tag === "guess").length).toBeLessThan(rows.length / 3);
});

test("no file shows guesses and nothing else", () => {
  const tagsOf = new Map<string, Set<string>>();
  for (const { tag, shownBy } of rows) {
    const [file = ""] = shownBy.split(" ");
    tagsOf.set(file, (tagsOf.get(file) ?? new Set()).add(tag));
  }
  expect([...tagsOf].filter(([, seen]) => seen.size === 1 && seen.has("guess"))).toEqual([]);
});

test.each(rows)("$tag: $behaviour", ({ tag, shownBy }) => {
  expect(tags).toContain(tag);
  const [, file = "", words = ""] = /^`([^`]+\.test\.ts)` "([^"]+)"$/u.exec(shownBy) ?? [];
  expect(namesOf(`${root}test/${file}`).filter((name) => name.includes(words))).not.toEqual([]);
});
