import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { defineProjection, remove } from "../../src/index.ts";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import type { IndexedCollection } from "../../src/projections/check-unique-indexes.ts";
import type { ProjectionValue } from "../../src/projections/processor-value.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { events } from "./events.ts";

const pages = new URL("../../docs/errors/", import.meta.url);
/** The page of ASP1122 is about the indexes beside a projection. */
const codes = shownBy.projections.filter((code) => code !== "ASP1122");

describe.each(codes)("docs/errors/%s.md", (code) => {
  test("shows an example that gives exactly this code", () => {
    const { definition, findings } = compileProjection(read(code, "Wrong"), context(code));
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(definition).toBeUndefined();
  });

  test("shows an example that gives none", () => {
    const { definition, findings } = compileProjection(read(code, "Right"), context(code));
    expect(findings).toEqual([]);
    expect(definition?.name).toBe("orders");
  });
});

test("docs/errors/ASP1122.md shows an index with tombstones and one without", () => {
  const compiled = (heading: string): readonly string[] => {
    const indexes = run(`${example("ASP1122", heading)}\nmodule.exports.default = indexes;`);
    const own = { connectionName: "domain", db: "shop", coll: "orders" };
    const collections: readonly IndexedCollection[] = [{ ...own, indexes: indexes as never }];
    const value = defineProjection({ name: "orders", into: own, on: { OrderCancelled: () => remove() } });
    return compileProjection(value, { events, collections, at: () => undefined }).findings.map(({ code }) => code);
  };
  expect(compiled("Wrong")).toEqual(["ASP1122"]);
  expect(compiled("Right")).toEqual([]);
});

function context(code: string): Parameters<typeof compileProjection>[1] {
  return code === "ASP1103" ? { at: () => undefined } : { events, at: () => undefined };
}

function read(code: string, heading: string): ProjectionValue {
  return run(example(code, heading)) as ProjectionValue;
}

function example(code: string, heading: string): string {
  const page = readFileSync(new URL(`${code}.md`, pages), "utf8");
  const [, text] = new RegExp(`## ${heading}\n[^]*?\`\`\`ts\n([^]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`no ts example under ${heading}`);
  return text;
}

function run(source: string): unknown {
  const { code } = transformSync(source, { loader: "ts", format: "cjs" });
  const module: { exports: { default?: unknown } } = { exports: {} };
  // oxlint-disable-next-line no-new-func -- the examples are this repository's own
  new Function("module", "exports", "require", code)(module, module.exports, () => ({ defineProjection, remove }));
  return module.exports.default;
}
