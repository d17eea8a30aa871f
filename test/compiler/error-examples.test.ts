import { readdirSync, readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { checkServerVersion } from "../../src/compiler/check-server-version.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { defineProcessor } from "../../src/projections/define-processor.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { local } from "./support.ts";

const folder = new URL("../../docs/errors/", import.meta.url);
const rules = new URL("../../src/compiler/rules/", import.meta.url);

/** The codes that the compiler's rules declare. */
const ours = readdirSync(rules).flatMap((file) =>
  [...readFileSync(new URL(file, rules), "utf8").matchAll(/defineFinding(?:<[^]*?>)?\("(ASP\d{4})"/g)].map(
    ([, code = ""]) => code,
  ),
);

test("no code is declared twice", () => {
  expect(ours.length).toBeGreaterThan(30);
  expect(ours.toSorted()).toEqual([...new Set(ours)].toSorted());
});

describe.each(ours)("docs/errors/%s.md", (code) => {
  const page = (): string => readFileSync(new URL(`${code}.md`, folder), "utf8");

  test("shows an example that gives exactly this code", () => {
    expect(findingsOf(example(page(), "Wrong"), code).map((finding) => finding.code)).toEqual([code]);
  });

  test("shows an example that gives none", () => {
    expect(findingsOf(example(page(), "Right"), code)).toEqual([]);
  });
});

function example(page: string, heading: string): string {
  const [, text] = new RegExp(`## ${heading}\n[^]*?\`\`\`ts\n([^]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`no ts example under ${heading}`);
  return text;
}

/** All findings of a module's default export, for a mongod of 6.0.5; that the engine does not run a stage is of no interest elsewhere. */
function findingsOf(source: string, about: string): readonly Finding[] {
  const { code } = transformSync(source, { loader: "ts", format: "cjs" });
  const module: { exports: { default?: AuthoredValue } } = { exports: {} };
  // oxlint-disable-next-line no-new-func -- the examples are this repository's own
  new Function("module", "exports", "require", code)(module, module.exports, () => ({ defineProcessor }));
  const value = module.exports.default;
  if (value === undefined) throw new Error("the example exports nothing");
  const { definition, findings } = compileProcessor(value, { environment: local, at: () => undefined });
  const all = definition === undefined ? findings : [...findings, ...checkServerVersion(definition, "6.0.5")];
  return all.filter(({ code }) => code === about || code !== "ASP5001");
}
