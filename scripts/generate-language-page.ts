/** Writes the reference page of stages: `npx tsx scripts/generate-language-page.ts`. A test says whether it is current. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TSchema } from "@sinclair/typebox";
import { kinds } from "../src/compiler/kinds.ts";
import type { ConstantUse } from "../src/stages/constant-use.ts";
import type { Demands, FieldValue, Relation, StageDescription, StageVariant } from "../src/stages/define-stage.ts";
import { stageTable } from "../src/stages/index.ts";
import type { StageContext } from "../src/stages/values.ts";
import type { SchemaParts } from "../src/compiler/schema-parts.ts";

const code = (text: string): string => `\`${text}\``;
const list = (words: readonly string[], last: "and" | "or"): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1) ?? ""}`;

const intro = `Written by \`scripts/generate-language-page.ts\` from the descriptions in \`src/stages/\`, which also give the types, the checks and
[schema/processor.schema.json](../schema/processor.schema.json). What is run here, field by field, says [language-support.md](language-support.md).

An editor checks JSON files by that schema, with completion and descriptions. In VS Code, for what \`asp compile --out definitions\` writes:

\`\`\`json
{
  "json.schemas": [
    { "fileMatch": ["definitions/*.json"], "url": "./node_modules/asp-toolkit/schema/processor.schema.json" }
  ]
}
\`\`\``;

/** The page `docs/language.md`. */
export function renderLanguagePage(): string {
  const stages = [...stageTable.values()];
  const links = stages.map(({ name }) => `[${code(name)}](#${name.slice(1).toLowerCase()})`);
  return ["# Stages of a pipeline", intro, links.join(" · "), ...stages.map(renderStage)].join("\n\n").concat("\n");
}

function renderStage(stage: StageDescription): string {
  const { name, summary, variants = [] } = stage;
  const forms = new Set(variants.map((variant) => variant.name)).size > 1;
  return [
    `## ${code(name)}`,
    summary,
    `\`\`\`js\n${exampleOf(name)}\n\`\`\``,
    placeOf(stage),
    ...demandsOf(stage),
    ...(variants.length === 0 ? fieldsOf(stage.args) : variants.flatMap((each) => renderForm(each, forms))),
  ].join("\n\n");
}

function renderForm(form: StageVariant, hasName: boolean): readonly string[] {
  const { name, summary, args } = form;
  return [...(hasName ? [`### ${name}`] : []), summary, ...demandsOf(form), ...fieldsOf(args)];
}

const places: Readonly<Record<StageContext, string>> = {
  main: "in a processor's own pipeline",
  window: "in a window",
  payload: "in the payload of `$https` and `$externalFunction`",
  changeStream: "in `$source.config.pipeline`",
  whenMatched: "in `$merge.whenMatched`",
  cluster: "in a pipeline that the cluster runs",
};

function placeOf({ role, mayEnd, contexts }: StageDescription): string {
  const where = list(
    contexts.map((context) => places[context]),
    "and",
  );
  const order = {
    source: "First stage, once.",
    sink: "Last stage.",
    window: "At most one window stage in a processor.",
    transform: mayEnd === true ? "May be the last stage." : undefined,
  }[role];
  return [`Stands ${where}.`, order].filter((each) => each !== undefined).join(" ");
}

function demandsOf({ relations = [], providers, leastTier }: Demands): readonly string[] {
  const lines = [
    ...relations.map(relationInWords),
    ...(providers === undefined ? [] : [`only in workspaces on ${list(providers, "and")}`]),
    ...(leastTier === undefined ? [] : [`the smallest tier is ${leastTier}`]),
  ];
  return lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join("\n")];
}

const useInWords: Readonly<Partial<Record<ConstantUse, string>>> = {
  text: "a text",
  number: "a number",
  whole: "a whole number",
  binary: "binary data",
};

function relationInWords(relation: Relation): string {
  switch (relation.kind) {
    case "needs":
      return `${code(relation.field)} needs ${code(relation.other)}${relation.above === undefined ? "" : ` above ${relation.above}`}`;
    case "excludes":
      return `${code(relation.field)} and ${code(relation.by)} exclude each other`;
    case "only": {
      const { field, above, with: wanted } = relation;
      return `${code(field)}${above === undefined ? "" : ` above ${above}`} only ${condition(wanted, "with")}`;
    }
    case "required": {
      const { field, when, unlessLast } = relation;
      const computed = when !== undefined && "computed" in when;
      const where =
        when === undefined
          ? ""
          : computed
            ? ` where ${code(when.field)} is an expression`
            : ` ${condition(when, "with")}`;
      return `${code(field)} is needed${where}${unlessLast === true ? ", but for the last stage" : ""}`;
    }
    case "fits": {
      const words = Object.entries(relation.words).map(([word, use]) => `${useInWords[use] ?? use} for ${code(word)}`);
      return `a constant ${code(relation.field)} fits ${code(relation.other)}: ${list(words, "and")}`;
    }
    case "some": {
      const names = list(relation.fields.map(code), "and");
      return relation.exactly === true ? `exactly one of ${names}` : `at least one of ${names}`;
    }
    case "atMost":
      return `${code(relation.field)} is at most ${code(relation.other)}`;
  }
}

function condition({ field, values, absent }: FieldValue, word: string): string {
  const value = list(
    values.map((each) => code(JSON.stringify(each))),
    "or",
  );
  return `${word} ${code(field)} ${value}${absent === true ? ", which is the default" : ""}`;
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

function fieldsOf(schema: TSchema): readonly string[] {
  const rows = rowsOf(schema, "");
  if (rows.length === 0) {
    const { description = "" }: SchemaParts = schema;
    return [`Its argument is ${typeInWords(schema)}. ${description}`];
  }
  const cells = rows.map(({ path, type, isRequired, description }) => [
    code(path),
    type,
    isRequired ? "yes" : "",
    description,
  ]);
  const header = ["field", "value", "required", ""];
  return [
    [header, header.map(() => "---"), ...cells]
      .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "\\<")).join(" | ")} |`)
      .join("\n"),
  ];
}

function rowsOf(schema: TSchema, prefix: string): readonly Row[] {
  const { properties = {}, required = [], else: inner }: SchemaParts = schema;
  if (inner !== undefined) return rowsOf(inner, prefix);
  return Object.entries(properties).flatMap(([name, each]) => {
    const { description = "" }: SchemaParts = each;
    const row = { path: prefix + name, type: typeInWords(each), isRequired: required.includes(name), description };
    return [row, ...rowsOf(each, `${prefix}${name}.`)];
  });
}

function typeInWords(schema: TSchema): string {
  const { asp, type, enum: words, else: inner }: SchemaParts = schema;
  if (asp === "connection") return `the name of a connection: ${list((schema as SchemaParts).types ?? [], "or")}`;
  if (asp !== undefined) return kinds[asp].expected({ ...schema, asp });
  if (inner !== undefined) return `${typeInWords(inner)}, or an expression`;
  if (words !== undefined)
    return list(
      words.map((word) => code(JSON.stringify(word))),
      "or",
    );
  return type === "boolean" ? "true or false" : "a document";
}

/** The `@example` in the docstring of a stage's own file: one stage after the other. */
export function exampleOf(name: string): string {
  const file = name.slice(1).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const text = readFileSync(new URL(`../src/stages/${file}.ts`, import.meta.url), "utf8");
  const [, example] = / \* @example\n([^]*?)\n \*\/\nexport const \$/.exec(text) ?? [];
  if (example === undefined) throw new Error(`${file}.ts has no @example`);
  return example.replaceAll(/^ \* ?/gm, "");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL("../docs/language.md", import.meta.url), renderLanguagePage());
}
