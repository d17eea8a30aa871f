import { expect, test } from "vitest";
import { loadPipelines } from "../../src/loader/load-pipelines.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { project } from "./project.ts";

const codes = Array.from({ length: 9 }, (_, index) => `ASP405${index}`);

async function findingsOf(fences: readonly Fence[]): Promise<readonly string[]> {
  const files = fences.map(({ text }) => [text.match(/^\/\/ (\S+)/)?.[1] ?? "", text] as const);
  const { findings } = await loadPipelines("pipelines", { cwd: await project(Object.fromEntries(files)) });
  return [...new Set(findings.map(({ code }) => code))];
}

test.each(codes)("the page of %s shows what leads to it and what does not", async (code) => {
  const { wrong, right } = readExamples(code);
  expect(await findingsOf(wrong)).toEqual([code]);
  expect(await findingsOf(right)).toEqual([]);
});
