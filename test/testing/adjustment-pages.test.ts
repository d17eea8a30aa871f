import { expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { config, processor } from "../cli/sample.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { project } from "../loader/project.ts";

/** A setting that is right says nothing of whether there is anything to change in this small project. */
const unused = "ASP4023";

async function findingsOf({ language, text }: Fence): Promise<readonly string[]> {
  const example =
    language === "yaml"
      ? { "atlas.config.yaml": join(text), "pipelines/orders.ts": processor("orders") }
      : { "atlas.config.yaml": config, "pipelines/orders.ts": text };
  const { findings } = await loadProject({ cwd: await project(example) });
  return findings.map(({ code }) => code);
}

/** An example about one environment stands beside those of the sample. */
function join(text: string): string {
  const own = text.replace(/^environments:\n/, "");
  return own === text ? config + text : config.replace(/^ {2}staging:\n/m, own);
}

test.each(shownBy.adjustments)("the page of %s shows what leads to it and what does not", async (code) => {
  const { wrong, right } = readExamples(code);
  expect(wrong).toHaveLength(1);
  expect(right.length).toBeGreaterThan(0);
  for (const fence of wrong) expect(await findingsOf(fence)).toEqual([code]);
  for (const fence of right) {
    expect((await findingsOf(fence)).filter((each) => each !== unused || code === unused)).toEqual([]);
  }
});
