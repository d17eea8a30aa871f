import { expect, test } from "vitest";
import { loadCase } from "../../src/testing/case/load-case.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { temporaryProject } from "./temporary-project.ts";

/** Where the example of a page would stand, unless it says so itself or is about names of files. */
const places: Readonly<Record<string, string>> = {
  ASP4100: "given/shop.events.ndjson",
  ASP4109: "given/shop.events.ts",
};

test.each(shownBy.fixtures)("%s: the wrong example gives the finding, the right one none", async (code) => {
  const { wrong, right } = readExamples(code);
  const load = async (example: Fence): Promise<readonly string[]> => {
    const cwd = await temporaryProject(filesOf(code, example));
    const { findings } = await loadCase(`${cwd}/one`, cwd);
    return [...new Set(findings.map((finding) => finding.code))];
  };
  expect(wrong).not.toEqual([]);
  for (const fence of wrong) expect(await load(fence)).toEqual([code]);
  for (const fence of right) expect(await load(fence)).toEqual([]);
});

function filesOf(code: string, { language, text }: Fence): Readonly<Record<string, string>> {
  if (language === "sh")
    return Object.fromEntries(
      text
        .trim()
        .split("\n")
        .map((path) => [`one/${path}`, lineOf(path)]),
    );
  const name = text.match(/^# (\S+\.ya?ml)/)?.[1] ?? places[code] ?? "fixture.yaml";
  return { [`one/${name}`]: text };
}

/** Something that may stand in a file of that name. */
function lineOf(path: string): string {
  return path.includes("/topic.") ? '{"value":{"_id":1}}\n' : '{"_id":1}\n';
}
