import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { emulatorApiPage, withOperations } from "../../scripts/generate-emulator-api.ts";
import { faultSchema } from "../../src/emulator/admin/faults/fault.ts";
import { parseFaults } from "../../src/emulator/admin/faults/parse-faults.ts";

const page = readFileSync(emulatorApiPage, "utf8");
const [section = ""] = /^## Admin API\n[\s\S]*?(?=^## |(?![\s\S]))/mu.exec(page) ?? [];

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

test("the operations are those of the code", () => {
  expect(withOperations(page)).toBe(page);
});

test("the faults are those of the code, and the example can be read", () => {
  const fields = rowsOf(String.raw`\| field +\| meaning +\|`).map(([name = "", meaning]) => [
    name.slice(1, -1),
    meaning,
  ]);
  expect(fields).toEqual(Object.entries(faultSchema.properties).map(([name, { description }]) => [name, description]));
  const [, example = ""] = /```yaml\n([\s\S]*?)```/u.exec(section) ?? [];
  expect(parseFaults(example, "faults.yaml")).toMatchObject({ faults: { length: 5 }, findings: [] });
});
