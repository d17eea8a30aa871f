import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { checkServerVersion } from "../../src/compiler/check-server-version.ts";
import type { Environment } from "../../src/config/environment.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { resolveEnvironment } from "../../src/config/resolve-environment.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { defineProcessor } from "../../src/projections/define-processor.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { declaredByRules, shownBy } from "../diagnostics/shown-pages.ts";
import { local } from "./support.ts";

const folder = new URL("../../docs/errors/", import.meta.url);
test("no code is declared twice", () => {
  expect(shownBy.rules.length).toBeGreaterThan(30);
  expect(declaredByRules.toSorted()).toEqual([...new Set(declaredByRules)].toSorted());
});

describe.each(shownBy.rules)("docs/errors/%s.md", (code) => {
  const page = (): string => readFileSync(new URL(`${code}.md`, folder), "utf8");

  test("shows an example that gives exactly this code", () => {
    expect(findingsOf(example(page(), "Wrong"), code, environmentOf(page())).map((finding) => finding.code)).toEqual([
      code,
    ]);
  });

  test("shows an example that gives none", () => {
    expect(findingsOf(example(page(), "Right"), code, environmentOf(page()))).toEqual([]);
  });
});

function example(page: string, heading: string): string {
  const [, text] = new RegExp(`## ${heading}\n[^]*?\`\`\`ts\n([^]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`no ts example under ${heading}`);
  return text;
}

/** Where a page has a section "Environment": the last environment of the config in it, with the connections of {@link local} too. */
function environmentOf(page: string): Environment {
  const [, text] = /^## Environment\n[^]*?^```yaml\n([^]*?)^```/m.exec(page) ?? [];
  if (text === undefined) return local;
  const { config, findings } = parseConfig(text, "atlas.config.yaml");
  const name = Object.keys(config?.environments ?? {}).at(-1);
  if (config === undefined || name === undefined || findings.length > 0)
    throw new Error("the config of the page is wrong");
  const resolved = resolveEnvironment(config, name);
  if (resolved.environment === undefined || resolved.findings.length > 0) throw new Error("the environment is wrong");
  return { ...resolved.environment, connections: { ...local.connections, ...resolved.environment.connections } };
}

/** All findings of a module's default export, for a mongod of 6.0.5; that the engine does not run a stage is of no interest elsewhere. */
function findingsOf(source: string, about: string, environment: Environment): readonly Finding[] {
  const { code } = transformSync(source, { loader: "ts", format: "cjs" });
  const module: { exports: { default?: AuthoredValue } } = { exports: {} };
  // oxlint-disable-next-line no-new-func -- the examples are this repository's own
  new Function("module", "exports", "require", code)(module, module.exports, () => ({ defineProcessor }));
  const value = module.exports.default;
  if (value === undefined) throw new Error("the example exports nothing");
  const { definition, findings } = compileProcessor(value, { environment, at: () => undefined });
  const all = definition === undefined ? findings : [...findings, ...checkServerVersion(definition, "6.0.5")];
  return all.filter(({ code }) => code === about || code !== "ASP5001");
}
