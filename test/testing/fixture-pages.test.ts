import { expect, test } from "vitest";
import { loadCase } from "../../src/testing/case/load-case.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import { temporaryProject } from "./temporary-project.ts";

/** Where the example of a page would stand. */
const pages = [
  ["ASP4100", "given/shop.events.ndjson"],
  ["ASP4103", "fixture.yaml"],
  ["ASP4105", "fixture.yaml"],
  ["ASP4106", "fixture.yaml"],
  ["ASP4109", "given/shop.events.ts"],
  ["ASP4116", "fixture.yaml"],
  ["ASP4270", "fixture.yaml"],
] as const;

test.each(pages)("%s: the wrong example gives the finding, the right one none", async (code, file) => {
  const { wrong, right } = readExamples(code);
  const load = async (text: string): Promise<readonly string[]> => {
    // An example may say itself what its file is called.
    const name = text.match(/^# (\S+\.ya?ml)/)?.[1] ?? file;
    const cwd = await temporaryProject({ [`one/${name}`]: text });
    const { findings } = await loadCase(`${cwd}/one`, cwd);
    return [...new Set(findings.map((finding) => finding.code))];
  };
  expect(wrong).not.toEqual([]);
  for (const { text } of wrong) expect(await load(text)).toEqual([code]);
  for (const { text } of right) expect(await load(text)).toEqual([]);
});
