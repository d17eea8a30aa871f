import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { emulatorApiPage, withOperations } from "../../scripts/generate-emulator-api.ts";
import { faultSchema } from "../../src/emulator/admin/faults/fault.ts";
import { readFaults } from "../../src/emulator/admin/faults/read-faults.ts";

const page = readFileSync(emulatorApiPage, "utf8");
const [section = ""] = /^## Admin API\n[\s\S]*?(?=^## |(?![\s\S]))/mu.exec(page) ?? [];
const tests = fileURLToPath(new URL("../emulator/admin/", import.meta.url));

const rowsOf = (heading: string): readonly (readonly string[])[] => {
  const [table = ""] = new RegExp(String.raw`\n${heading}\n\| --- [\s\S]*?\n\n`, "u").exec(section) ?? [];
  const lines = table.trim().split("\n").slice(2);
  return lines.map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
};

const rules = rowsOf(String.raw`\| rule +\| source +\| shown by +\|`);

test("the operations are those of the code", () => {
  expect(withOperations(page)).toBe(page);
});

test("the rules are many, and most of them are no guesses", () => {
  const guesses = rules.filter(([, source]) => source === "guess");
  expect(rules.length).toBeGreaterThan(40);
  expect(guesses.length).toBeLessThan(rules.length / 3);
});

describe("rule", () => {
  test.each(rules)("%s", (_, source, shownBy = "") => {
    expect(source).toMatch(/^(spec|recorded|client|guess)$/);
    const [file = "", title = ""] = shownBy.split(/: (.*)/s);
    expect(readFileSync(tests + file, "utf8")).toContain(`"${title}"`);
  });
});

test("no test shows a guess and nothing else", () => {
  const shown = new Map<string, Set<string>>();
  for (const [, source = "", shownBy = ""] of rules) {
    const file = shownBy.split(":")[0] ?? "";
    shown.set(file, (shown.get(file) ?? new Set()).add(source));
  }
  expect([...shown].filter(([, sources]) => sources.size === 1 && sources.has("guess"))).toEqual([]);
});

test("the faults are those of the code, and the example can be read", () => {
  const fields = rowsOf(String.raw`\| field +\| meaning +\|`).map(([name = "", meaning]) => [
    name.slice(1, -1),
    meaning,
  ]);
  expect(fields).toEqual(Object.entries(faultSchema.properties).map(([name, { description }]) => [name, description]));
  const [, example = ""] = /```yaml\n([\s\S]*?)```/u.exec(section) ?? [];
  expect(readFaults(example)).toMatchObject({ faults: { length: 5 }, findings: [] });
});
