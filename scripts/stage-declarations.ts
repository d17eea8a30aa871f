import type { TSchema } from "@sinclair/typebox";
import type { KindSchema } from "../src/compiler/kinds.ts";
import type { StageDescription } from "../src/stages/define-stage.ts";
import { stageTable } from "../src/stages/index.ts";
import type { StageContext, ValueKind } from "../src/stages/values.ts";
import type { SchemaParts } from "../src/compiler/schema-parts.ts";

const words = (list: readonly string[]): readonly string[] => list.map((word) => JSON.stringify(word));
const union = (types: readonly string[]): string => types.join(" | ");
const documents = "Readonly<Record<string, unknown>>";
const stagesIn = (context: StageContext | undefined): string => {
  if (context === "window") return "readonly WindowStage[]";
  return context === "payload" ? "readonly PayloadStage[]" : `readonly ${documents}[]`;
};
const operator = "{ readonly [operator: `$${string}`]: unknown }";

/** The type of each kind, as `src/stages/values.ts` gives it to the compiler. */
const types: Readonly<Record<ValueKind, (schema: KindSchema) => string>> = {
  connection: () => "string",
  duration: ({ orZero }) => (orZero === true ? "Duration | 0" : "Duration"),
  offset: () => "WindowOffset",
  schedule: () => "string",
  group: () => "{ readonly _id: Expression } & Readonly<Record<string, Expression>>",
  sort: () => "Readonly<Record<string, Whole | { readonly $meta: string }>>",
  partitions: () => "Readonly<Record<string, PartitionTransform>>",
  metadata: () => "{ readonly [path: `stream.${string}`]: Expression }",
  computed: () => "Choosing",
  expression: () => "Expression",
  expressions: () => "Readonly<Record<string, Expression>>",
  query: () => "Query",
  projection: () => "Readonly<Record<string, Expression>>",
  pipeline: ({ context }) => stagesIn(context),
  choice: ({ words: list = [], context }) =>
    union([...words(list), "Choosing", ...(context === undefined ? [] : [stagesIn(context)])]),
  whole: () => "Whole",
  time: () => "Date | Timestamp | { readonly $date: unknown } | { readonly $timestamp: unknown }",
  timeField: () => "{ readonly $toDate: Expression } | { readonly $dateFromString: object }",
  text: () => "string",
  texts: () => "string | readonly string[]",
  computedText: () => "Computed",
  fieldName: () => "string",
  path: () => "string",
  paths: () => "string | readonly string[]",
  fieldPath: () => "string",
  database: () => "string",
  collection: () => "string",
  collections: () => "string | readonly string[]",
  computedDatabase: () => "Computed",
  computedCollection: () => "Computed",
  documents: () => `readonly object[] | ${operator}`,
  document: () => "object",
};

function typeOf(schema: TSchema): string {
  const { asp, enum: list, properties, required = [], else: inner }: SchemaParts = schema;
  if (asp !== undefined) return types[asp]({ ...schema, asp });
  if (inner !== undefined) return union([typeOf(inner), "Choosing"]);
  if (list !== undefined) return union(words(list));
  if (properties === undefined) return "boolean";
  const fields = Object.entries(properties).map(([name, each]) => {
    const { description }: SchemaParts = each;
    const about = description === undefined ? "" : `/** ${description.replaceAll("*/", "*\\/")} */ `;
    return `${about}readonly ${name}${required.includes(name) ? "" : "?"}: ${typeOf(each)};`;
  });
  return `{\n${fields.join("\n")}\n}`;
}

function argsOf({ args, variants }: StageDescription): string {
  return variants === undefined ? typeOf(args) : union(variants.map((variant) => typeOf(variant.args)));
}

function stageType(name: string, stages: readonly StageDescription[]): string {
  const fields = stages.map((stage) => `/** ${stage.summary} */ readonly ${stage.name}?: StageArgs["${stage.name}"];`);
  return `export type ${name} = {\n${fields.join("\n")}\n};`;
}

/**
 * What `src/stages/index.ts` declares to the users of the package, written out: an editor need neither load the package that describes
 * schemas nor work the types out, and shows what a field means.
 */
export function renderStageDeclarations(valueTypes = "./value-types.ts"): string {
  const stages = [...stageTable.values()];
  const within = (context: StageContext): readonly StageDescription[] =>
    stages.filter(({ contexts }) => contexts.includes(context));
  const args = stages.map((stage) => `readonly ${stage.name}: ${argsOf(stage)};`);
  return [
    'import type { Timestamp } from "bson";',
    `import type { Choosing, Computed, Duration, Expression, PartitionTransform, Query, Whole, WindowOffset } from "${valueTypes}";`,
    `export interface StageArgs {\n${args.join("\n")}\n}`,
    stageType("Stage", stages),
    stageType("WindowStage", within("window")),
    stageType("PayloadStage", within("payload")),
    "",
  ].join("\n");
}
