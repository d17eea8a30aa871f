import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exampleOf, renderLanguagePage } from "../../scripts/generate-language-page.ts";
import { stageTable } from "../../src/stages/index.ts";
import { compile, local } from "../compiler/support.ts";
import { pipelineWith } from "./check-support.ts";

test("docs/language.md is current (npx tsx scripts/generate-language-page.ts)", () => {
  expect(readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8")).toBe(renderLanguagePage());
});

/** The connections that the examples name. */
const environment = {
  ...local,
  connections: { ...local.connections, prices: { type: "Https" }, lake: { type: "S3" } },
} as const;

describe("the examples of a stage's own page are right", () => {
  const examples = [...stageTable.values()].flatMap((stage) =>
    exampleOf(stage.name)
      .split(/\n(?=\{)/)
      .map((text) => ({ text, stage })),
  );

  test.each(examples)("$text", ({ text, stage }) => {
    // oxlint-disable-next-line no-new-func -- the examples are this repository's own
    const example = new Function(`return (${text});`)() as Readonly<Record<string, unknown>>;
    expect(Object.keys(example)).toEqual([stage.name]);
    const place = stage.contexts.includes("main") ? "main" : "window";
    const { findings } = compile(pipelineWith(example, place), {}, environment);
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
