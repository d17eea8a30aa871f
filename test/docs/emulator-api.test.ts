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

const [, section = ""] = page.split("\n## Wire protocol\n");
const rows = (section.split("\n## ")[0] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (?:behaviour|---) /u.test(line))
  .map((line): Row => {
    const [behaviour = "", tag = "", shownBy = "", ...rest] = line.slice(2, -2).split(" | ");
    if (rest.length > 0) throw new Error(`too many cells: ${line}`);
    return { behaviour, tag, shownBy };
  });

test("the rules of the wire protocol are many", () => expect(rows.length).toBeGreaterThan(40));

test.each(rows)("$tag: $behaviour", ({ tag, shownBy }) => {
  expect(tags).toContain(tag);
  const [, file = "", words = ""] = /^`([^`]+\.test\.ts)` "([^"]+)"$/u.exec(shownBy) ?? [];
  expect(namesOf(`${root}test/${file}`).filter((name) => name.includes(words))).not.toEqual([]);
});
