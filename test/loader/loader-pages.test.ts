import { expect, test } from "vitest";
import { loadPipelines } from "../../src/loader/load-pipelines.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { project } from "./project.ts";

async function findingsOf(fences: readonly Fence[]): Promise<readonly string[]> {
  const files = fences.map(({ text }) => [text.match(/^\/\/ (\S+)/)?.[1] ?? "", text] as const);
  const cwd = await project(Object.fromEntries(files));
  // Beside the tests' own connections, a process is never idle.
  const { findings } = await loadPipelines("pipelines", { cwd, timeLimit: 500 });
  return [...new Set(findings.map(({ code }) => code))];
}

test.each(shownBy.modules)("the page of %s shows what leads to it and what does not", async (code) => {
  const { wrong, right } = readExamples(code);
  expect(await findingsOf(wrong)).toEqual([code]);
  expect(await findingsOf(right)).toEqual([]);
});
