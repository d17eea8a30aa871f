import { Ajv } from "ajv";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { schemas } from "../../scripts/generate-schemas.ts";

test.each(Object.entries(schemas))("schema/%s is current (npx tsx scripts/generate-schemas.ts)", (name, text) => {
  expect(readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8")).toBe(text);
});

test.each(Object.entries(schemas))("schema/%s is a schema by the strictest reading", (_, text) => {
  expect(() => new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text))).not.toThrow();
});

test("every key of the config has a description for editors, or holds keys that have", () => {
  const undescribed: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {}, additionalProperties, items, description } = schema as Record<string, never>;
    const children = Object.entries(properties);
    if (path !== "" && description === undefined && children.length === 0) undescribed.push(path);
    for (const [key, child] of children) visit(child, `${path}.${key}`);
    visit(items, `${path}[]`);
    if (!path.endsWith(".key") && !path.endsWith(".config")) visit(additionalProperties, `${path}.*`);
  };
  visit(JSON.parse(schemas["atlas.config.schema.json"] ?? ""), "");
  expect(undescribed).toEqual([]);
});
