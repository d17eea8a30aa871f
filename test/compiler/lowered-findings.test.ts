import { readdirSync, readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { emitDefinitions } from "../../src/compiler/emit/emit-definitions.ts";
import type { Finding, Severity } from "../../src/diagnostics/finding.ts";
import { isFixedCode } from "../../src/diagnostics/fixed-codes.ts";
import { defineProcessor } from "../../src/projections/define-processor.ts";
import { defineProjection } from "../../src/projections/define-projection.ts";
import { remove } from "../../src/projections/remove.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import { local } from "./support.ts";

const rules = new URL("../../src/compiler/rules/", import.meta.url);
const codes = readdirSync(rules).flatMap((file) =>
  [...readFileSync(new URL(file, rules), "utf8").matchAll(/defineFinding(?:<[^]*?>)?\(\s*"(ASP\d{4})"/g)].map(
    ([, code = ""]) => code,
  ),
);
/** Those about several processors at once (ASP407x) are warnings, and found when each has its definition. */
const changeable = codes.filter((code) => !isFixedCode(code) && !/^ASP407\d$/.test(code));

function wrongExample(code: string): AuthoredValue {
  const { code: script } = transformSync(readExamples(code).wrong[0]?.text ?? "", { loader: "ts", format: "cjs" });
  const module: { exports: { default?: AuthoredValue } } = { exports: {} };
  const toolkit = { defineProcessor, defineProjection, remove };
  // oxlint-disable-next-line no-new-func -- the examples are this repository's own
  new Function("module", "exports", "require", script)(module, module.exports, () => toolkit);
  if (module.exports.default === undefined) throw new Error("the example exports nothing");
  return module.exports.default;
}

const remote = { ...local, target: "admin-api" } as const;

describe("a rule that a project lowers", () => {
  test("covers most rules", () => expect(changeable.length).toBeGreaterThan(20));

  test.each(changeable)("%s lets the definition through, and every form of it can be written", (code) => {
    for (const environment of [local, remote]) {
      const context = { environment, at: () => undefined, severityOf: () => "warning" as const };
      const { definition } = compileProcessor(wrongExample(code), context);
      if (definition === undefined) throw new Error(`${code} leaves no definition: it belongs among the fixed codes`);
      for (const format of ["json", "mongosh", "terraform"] as const) {
        expect(emitDefinitions([definition], format)).toContain(definition.name);
      }
    }
  });

  test("whatever stands in the stages that are placed in an environment", () => {
    const severityOf = ({ code, severity }: Finding): Severity | "off" => (isFixedCode(code) ? severity : "off");
    const junk = fc.oneof(fc.jsonValue(), fc.record({ into: fc.jsonValue(), db: fc.jsonValue() }));
    fc.assert(
      fc.property(junk, junk, junk, (source, merge, dlq) => {
        const pipeline = [{ $source: source }, { $merge: merge }];
        const processor = defineProcessor({ name: "orders", pipeline, options: { dlq } } as never);
        const context = { environment: { ...remote, databases: { a: "b" } }, at: () => undefined, severityOf };
        const { definition } = compileProcessor(processor, context);
        // Nothing is invented: what cannot be placed stays as it was written.
        if (definition !== undefined) {
          expect(definition.pipeline.map((stage) => Object.keys(stage))).toEqual([["$source"], ["$merge"]]);
          if (typeof source !== "object") expect(definition.pipeline[0]).toEqual({ $source: source });
          if (typeof merge !== "object") expect(definition.pipeline[1]).toEqual({ $merge: merge });
        }
      }),
    );
  });

  test("that stays an error does not", () => {
    const context = { environment: local, at: () => undefined, severityOf: () => "error" as const };
    expect(compileProcessor(wrongExample("ASP1030"), context).definition).toBeUndefined();
  });
});
