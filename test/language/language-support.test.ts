import { beforeAll, describe, expect, test, vi } from "vitest";
import { renderStageDeclarations } from "../../scripts/stage-declarations.ts";
import { stageTable } from "../../src/stages/index.ts";
import { errorsIn, checkField, misspell, placesOf } from "./check-support.ts";
import { aspOperators } from "../../src/expressions/operators.ts";
import { streamPaths } from "../../src/expressions/metadata-paths.ts";
import { expressionReference } from "./expression-reference.ts";
import { addedBy, errorsOfExpression, placesOfExpression } from "./expression-support.ts";
import { describedFields } from "./form-of.ts";
import { reference, withField } from "./reference.ts";
import type { ReferenceForm } from "./reference.ts";
import { renderSupport } from "./render-support.ts";
import { typeErrors, typeCheck } from "./type-check.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const nameOf = ({ stage, form }: ReferenceForm): string => (form === undefined ? stage : `${stage} (${form})`);
const fields = reference.flatMap((form) =>
  Object.keys(form.fields).map((path) => ({ form, path, name: `${nameOf(form)} ${path}` })),
);

/** The rows of the page: every form, and every field of it. */
const rows = [...reference.map((form) => ({ form, path: undefined, name: nameOf(form) })), ...fields];
type Row = (typeof rows)[number];

const rightOf = ({ form, path }: Row): unknown => (path === undefined ? form.args : withField(form, path));
const wrongOf = ({ form, path }: Row): unknown =>
  path === undefined ? form.wrong : withField(form, path, { value: form.fields[path]?.wrong });

test("has every stage that there is, and every field of them", () => {
  expect(new Set(reference.map(({ stage }) => stage))).toEqual(new Set(stageTable.keys()));
  for (const form of reference) {
    // Sample data is a change stream by name only.
    if (form.form === "sample data") continue;
    const groups = Object.keys(form.fields).flatMap((path) => parents(path));
    const known = new Set([...Object.keys(form.fields), ...groups]);
    expect({ form: nameOf(form), fields: describedFields(form).filter((path) => !known.has(path)) }).toEqual({
      form: nameOf(form),
      fields: [],
    });
  }
});

function parents(path: string): readonly string[] {
  const steps = path.split(".");
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join("."));
}

/** From within the folder in `node_modules` that a type check makes. */
const published = renderStageDeclarations("../../src/stages/value-types.ts");

describe.each([
  ["as they are here", {}],
  ["as they are published", { stageTypes: published }],
])(
  "typed, with types %s: TypeScript takes what is right, and neither a wrong value nor a misspelt field",
  (_, options) => {
    let verdicts: readonly boolean[] = [];
    beforeAll(async () => {
      verdicts = await typeCheck(
        rows.flatMap((row) => {
          const { form, path } = row;
          const misspelt = path === undefined ? undefined : withField(form, path, { name: misspell(path) });
          return [rightOf(row), wrongOf(row), misspelt].map((args) => ({ stage: form.stage, args }));
        }),
        options,
      );
    });

    test.each(rows.map((row, index) => ({ ...row, index })))("$name", ({ index }) => {
      const [right, wrong, misspelt] = verdicts.slice(index * 3, index * 3 + 3);
      expect({ right, wrong, misspelt }).toEqual({ right: true, wrong: false, misspelt: false });
    });
  },
);

test("the published type of a stage is the one that the compiler derives from the schemas", async () => {
  const same = `import type { Stage as Derived } from "asp-toolkit";
import type { Stage } from "./published.ts";
export const eachWay: [Stage, Derived] = [{} as Derived, {} as Stage];
export const names: [keyof Derived, keyof Stage] = ["" as keyof Stage, "" as keyof Derived];
`;
  expect(await typeErrors({ "same.ts": same, "published.ts": published })).toEqual([]);
});

describe("checked: compiling finds a wrong value and a misspelt field, and nothing in what is right", () => {
  test.each(fields)("$name", ({ form, path }) => {
    expect(checkField(form, path)).toMatchObject({ ok: true });
  });

  test.each(reference.map((form) => ({ form, name: nameOf(form) })))("$name", ({ form }) => {
    expect(errorsIn(form, form.args)).toEqual([]);
    expect(errorsIn(form, form.wrong)).not.toEqual([]);
  });
});

describe("placed: a stage is refused where the reference does not have it", () => {
  test.each(rows)("$name", (row) => {
    expect(placesOf(row.form, rightOf(row))).toEqual(row.form.places);
  });
});

describe("expressions", () => {
  test("has every path of metadata, and every operator of ASP's own", () => {
    const names = new Set(expressionReference.map(({ name }) => name));
    const parents = new Set(["stream.source", "stream.window", "stream.https"]);
    const groups = ["stream.source.ns", "stream.source.documentKey", "stream.source.initialSync"];
    const paths = [...streamPaths.keys()].filter((path) => !parents.has(path) && !groups.includes(path));
    expect([...aspOperators, ...paths.map((path) => `{$meta: "${path}"}`)].filter((name) => !names.has(name))).toEqual(
      [],
    );
  });

  describe("checked: compiling finds a wrong value and a misspelt name, and nothing in what is right", () => {
    test.each(expressionReference)("$name", (row) => {
      expect(errorsOfExpression(row, row.right)).toEqual([]);
      // What only the cluster has, its own server checks.
      if (!row.places.includes("main")) return;
      expect(addedBy(row, row.misspelt)).not.toEqual([]);
      if ("wrong" in row) expect(errorsOfExpression(row, row.wrong)).not.toEqual([]);
    });
  });

  describe("placed: an expression is refused where the reference does not have it", () => {
    test.each(expressionReference)("$name", (row) => {
      expect(placesOfExpression(row)).toEqual(row.places);
    });
  });
});

test("docs/language-support.md says what these tests say (npx vitest run --project pure test/language -u)", async () => {
  await expect(renderSupport()).toMatchFileSnapshot("../../docs/language-support.md");
});
