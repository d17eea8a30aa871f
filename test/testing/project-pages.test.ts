import { describe, expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { temporaryProject } from "./temporary-project.ts";

/** Several processors, with what `atlas.config.yaml` has to say beside them. */
const config = `
events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments:
  local: { target: emulator }
`;

async function findingsOf(fences: readonly Fence[]): Promise<readonly string[]> {
  const text = (language: string): string => fences.find((fence) => fence.language === language)?.text ?? "";
  const cwd = await temporaryProject({
    "atlas.config.yaml": config + text("yaml"),
    "pipelines/example.ts": text("ts"),
  });
  return (await loadProject({ cwd })).findings.map(({ code }) => code);
}

describe.each(shownBy.projects)("docs/errors/%s.md", (code) => {
  test("shows a project that gives exactly this code", async () => {
    expect(await findingsOf(readExamples(code).wrong)).toEqual([code]);
  });

  test("shows one that gives none", async () => {
    expect(await findingsOf(readExamples(code).right)).toEqual([]);
  });
});
