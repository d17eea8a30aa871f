import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { schemas } from "../../scripts/generate-schemas.ts";
import { toJson } from "../../src/compiler/emit/json.ts";
import { stageTable } from "../../src/stages/index.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { loadProject } from "../../src/testing/project.ts";
import { spoiltStage } from "../compiler/junk.ts";
import { compile, merge, source } from "../compiler/support.ts";
import { pipelineWith } from "./check-support.ts";
import { referenceExamples } from "./reference-examples.ts";
import { reference, withField } from "./reference.ts";
import { stageIn } from "./stage-arbitrary.ts";

vi.setConfig({ testTimeout: 60_000 });

/** As an editor has it: standard keywords, and nothing of ours. */
const isValid = new Ajv({ allowUnionTypes: true }).compile(
  JSON.parse(schemas["processor.schema.json"] ?? "") as object,
);

const refused = (definition: Definition): unknown => {
  const text = toJson(definition);
  return isValid(JSON.parse(text)) ? undefined : { text, errors: isValid.errors };
};

describe("schema/processor.schema.json takes every definition that the compiler takes", () => {
  test.each(
    reference.flatMap((form) => [
      { ...form, path: "", args: form.args },
      ...Object.keys(form.fields).map((path) => ({ ...form, path, args: withField(form, path) })),
    ]),
  )("$stage $form $path", ({ stage, args, places }) => {
    for (const place of places) {
      const { definition, findings } = compile(pipelineWith({ [stage]: args }, place));
      expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(definition && refused(definition)).toBeUndefined();
    }
  });

  test.each(referenceExamples)("$section $name", ({ pipeline }) => {
    const { definition, findings } = compile(pipeline);
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(definition && refused(definition)).toBeUndefined();
  });

  test("those of the sample project", async () => {
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const { definitions } = await loadProject({ cwd: root });
    expect(definitions.size).toBeGreaterThan(5);
    for (const { definition } of definitions.values()) expect(refused(definition)).toBeUndefined();
  });

  test.each([...stageTable.values()].map(({ name, contexts }) => ({ name, contexts })))(
    "any $name",
    ({ name, contexts }) => {
      const place = contexts.includes("main") ? "main" : "window";
      let taken = 0;
      fc.assert(
        fc.property(
          stageIn(place).filter((stage) => name in stage),
          (stage) => {
            const { definition } = compile(pipelineWith(stage, place));
            if (definition === undefined) return;
            taken += 1;
            expect(refused(definition)).toBeUndefined();
          },
        ),
        // Few of its fields go together.
        { numRuns: name === "$vectorSearch" ? 300 : 60 },
      );
      // A property about none would hold.
      expect(taken).toBeGreaterThan(0);
    },
  );
});

test("stages that were right but for one part are taken where the compiler still takes them", () => {
  fc.assert(
    fc.property(spoiltStage, (stage) => {
      const { definition } = compile([source, stage, merge]);
      if (definition !== undefined) expect(refused(definition)).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});

describe("schema/processor.schema.json refuses", () => {
  const group = { $group: { _id: null } };
  const tumbling = (pipeline: unknown): object => ({
    $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline },
  });
  const wrong: readonly (readonly [string, unknown])[] = [
    ["a field that no definition has", { name: "a", pipeline: [source, merge], tier: "SP10" }],
    ["a definition without a name", { pipeline: [source, merge] }],
    ["an unknown stage", { name: "a", pipeline: [source, { $mathc: {} }, merge] }],
    ["a stage of the server that ASP does not have", { name: "a", pipeline: [source, { $skip: 1 }, merge] }],
    ["two stages in one", { name: "a", pipeline: [source, { $match: {}, $unset: "a" }, merge] }],
    ["a window in a window", { name: "a", pipeline: [source, tumbling([tumbling([group])]), merge] }],
    ["a sink in a window", { name: "a", pipeline: [source, tumbling([group, merge]), merge] }],
    ["a group outside of a window", { name: "a", pipeline: [source, group, merge] }],
    [
      "a dead letter queue without a collection",
      { name: "a", pipeline: [source, merge], options: { dlq: { db: "x" } } },
    ],
  ];
  test.each(wrong)("%s", (_, definition) => expect(isValid(definition)).toBe(false));

  test.each(
    reference.flatMap((form) =>
      Object.entries(form.fields)
        .filter(([, { wrong }]) => wrong !== undefined)
        .map(([path, { wrong }]) => ({ ...form, path, args: withField(form, path, { value: wrong }) })),
    ),
  )("a wrong $path of $stage $form", ({ stage, args, places }) => {
    const pipeline = pipelineWith({ [stage]: args }, places[0] ?? "main");
    expect(isValid(JSON.parse(JSON.stringify({ name: "a", pipeline })))).toBe(false);
  });

  test.each(
    reference.flatMap((form) =>
      Object.keys(form.fields).map((path) => ({ ...form, path, args: withField(form, path, { name: "noSuchField" }) })),
    ),
  )("a misspelt $path of $stage $form", ({ stage, args, places }) => {
    const pipeline = pipelineWith({ [stage]: args }, places[0] ?? "main");
    expect(isValid(JSON.parse(JSON.stringify({ name: "a", pipeline })))).toBe(false);
  });
});
