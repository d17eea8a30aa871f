import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { emulatorApiPage, withOperations } from "../../scripts/generate-emulator-api.ts";
import { faultSchema } from "../../src/emulator/admin/faults/fault.ts";
import { parseFaults } from "../../src/emulator/admin/faults/parse-faults.ts";

const page = readFileSync(emulatorApiPage, "utf8");
const [, section = ""] = page.split("\n## Admin API\n");

test("the operations of the page are those of the code", () => {
  expect(withOperations(page)).toBe(page);
});

test("the faults of the page are those of the code, and the example can be read", () => {
  const [table = ""] = /\| field +\| meaning +\|\n[\s\S]*?\n\n/u.exec(section) ?? [];
  const rows = table.trim().split("\n").slice(2);
  const fields = rows.map((row) =>
    row
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim().replaceAll(/^`|`$/g, "")),
  );
  const described = Object.entries(faultSchema.properties).map(([name, { description }]) => [name, description]);
  expect(fields.map(([name]) => name)).toEqual(described.map(([name]) => name));
  expect(fields.map(([, meaning]) => meaning)).toEqual(described.map(([, meaning]) => meaning));
  const [, example = ""] = /```yaml\n([\s\S]*?)```/u.exec(section) ?? [];
  expect(parseFaults(example, "faults.yaml")).toMatchObject({ faults: { length: 5 }, findings: [] });
});
