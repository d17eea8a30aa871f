import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { namesOf } from "./names-of-tests.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(`${root}docs/emulator-support.md`, "utf8");

interface Row {
  readonly behaviour: string;
  readonly here: string;
  readonly mongod: string;
  readonly shownBy: string;
}

const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| behaviour ") && !line.startsWith("| --- "))
  .map((line): Row => {
    const [behaviour = "", here = "", mongod = "", shownBy = "", ...rest] = line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim());
    if (rest.length > 0) throw new Error(`too many cells: ${line}`);
    return { behaviour, here, mongod, shownBy };
  });

/** The sections of our notes on the language that say what a processor does. */
const sections = [
  "1.1",
  "1.1.3",
  "1.1.4",
  "1.1.5",
  "1.2",
  "1.3",
  "1.4",
  "1.6",
  "1.7",
  "1.8",
  "1.9",
  "1.13",
  "2",
  "3",
  "4",
  "5",
  "6",
  "7",
  "8",
];

test("every section of the documented behaviours has its rows", () => {
  const titles = [...page.matchAll(/^## ([\d.]+)/gmu)].map(([, number]) => number);
  expect([...new Set(titles)]).toEqual(sections);
  expect(rows.length).toBeGreaterThan(150);
});

test.each(rows)("$behaviour: $here", ({ here, mongod, shownBy }) => {
  expect(here).toMatch(/^(?:same(?:: .+)?|differs: .+|not run: .+)$/u);
  if (here.startsWith("not run")) {
    expect([mongod, shownBy]).toEqual(["–", "–"]);
    return;
  }
  expect(mongod).toMatch(/^(?:\d\.\d|–|as the .+)$/u);
  const codes = [...shownBy.matchAll(/\[(ASP\d{4})\]\(errors\/\1\.md\)/gu)].map(([, code]) => code);
  if (codes.length > 0) {
    for (const code of codes) expect(existsSync(`${root}docs/errors/${code}.md`)).toBe(true);
    return;
  }
  const [, file = "", words = ""] = /^`([^`]+\.test\.ts)` "([^"]+)"$/u.exec(shownBy) ?? [];
  expect(namesOf(`${root}test/${file}`).filter((name) => name.includes(words))).not.toEqual([]);
});
